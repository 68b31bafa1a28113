"""The pages of the review desk, made on the server; they work without JavaScript."""
