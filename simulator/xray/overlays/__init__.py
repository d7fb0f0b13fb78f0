"""What is drawn into the beam besides the patient: needle, contrast medium, lead letters."""
