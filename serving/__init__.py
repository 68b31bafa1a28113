"""sendsafe: judge a message before it leaves."""
