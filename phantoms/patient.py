"""A patient: parameters, and (built when first asked) tissue field, landmarks, surfaces and texture."""
