"""The meshes of the room: body, C-arm, hands, table, suite."""
