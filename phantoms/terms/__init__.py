"""Words and values that all of anatomy shares: levels, tissues, parameters, landmarks, surfaces, published tables."""
