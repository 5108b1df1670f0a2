"""The faces of dataset folders that look most like one photo: by cosine of the features before a net's head."""
