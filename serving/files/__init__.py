"""Files of messages: JSON Lines, CSV or Parquet, in and out, in constant memory, on every core, going on where a run was stopped."""

from serving.files.scoring import Tally, score_file
from serving.files.workers import cores, judge_by_workers, judge_here

__all__ = ["Tally", "cores", "judge_by_workers", "judge_here", "score_file"]
