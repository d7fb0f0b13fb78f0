"""The room in 3D: patient, table, C-arm, needle, hands and what lies around, as meshes that are sent once and then only moved.

Everything but `view` is plain numpy in the world frame (patient LPS, mm; +y is up while the patient lies prone): `meshes` builds,
`mesh_placement` says where each mesh stands, `picking` says what a click met. `view` alone knows the browser.
"""
