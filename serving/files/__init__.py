"""Files of messages: JSON Lines, CSV or Parquet, in and out, in constant memory, going on where a run was stopped."""

from serving.files.scoring import Tally, score_file

__all__ = ["Tally", "score_file"]
