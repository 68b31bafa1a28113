"""Other ways to judge a message, on the same messages and in the same run."""
