"""One lumbar or lower thoracic vertebra: body, constants by level, morphometry, landmarks."""
