"""Where the examples come from: corpus, records, checks."""
