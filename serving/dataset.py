"""Judge a data set of Parquet files on Ray Data: on this machine's cores or, by address, on a cluster's.

Optional: `pip install 'sendsafe[batch]'`, on every node of a cluster. A node judges by its own environment (`SENDSAFE_…`).
"""

import os
from functools import partial
from typing import Any

import pyarrow as pa

from serving.batch import REQUEST_FIELDS, VERDICT, score_batch
from serving.errors import RequestError, SendsafeError
from serving.files import cores

WRITTEN = ("category", "scores", "action", "findings", "reasons", "degraded", "code", "error")
ROWS_A_BLOCK = 5000
"""What is judged again when a worker is lost, and the rows of an output file: half a minute's work."""
ROWS_A_BATCH = 200
MOST_RETRIES = 5


class DatasetError(SendsafeError):
    """A data set could not be judged as a whole."""


def score_dataset(
    source: str,
    target: str,
    policies: tuple[str, ...] = (),
    *,
    address: str | None = None,
    workers: int | None = None,
    overwrite: bool = False,
) -> int:
    """Write one row for each row of the source, its columns and the verdict's; return how many. Their order is not promised.

    Source and target are folders or addresses that Ray Data knows. The target is made anew. A row that cannot be judged is
    held: its action is `review`, `code` and `error` say why. A block whose worker is lost is judged again, and replaces what
    that worker wrote.

    Raises:
        RequestError: the extra `batch` is not installed, the source has no `text` or `template`, a column is already there
            and `overwrite` is off, or there is something at the target.
        DatasetError: the run failed, or rows are missing from what was written.
    """
    ray = _ray()
    if address is None:
        local = {"num_cpus": workers or cores(), "include_dashboard": False}
        ray.init(address="local", log_to_driver=False, **local)
    else:
        ray.init(address=address, log_to_driver=False)
    try:
        return _score(ray, source, target, policies, overwrite=overwrite)
    except (FileNotFoundError, pa.ArrowInvalid):
        raise RequestError(f"{source} cannot be read as Parquet files") from None
    except ray.exceptions.RayError as error:
        raise DatasetError(f"the run failed: {type(error).__name__}") from None
    finally:
        ray.shutdown()


def _score(ray: Any, source: str, target: str, policies: tuple[str, ...], *, overwrite: bool) -> int:
    again = {"max_retries": MOST_RETRIES}
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    rows = ray.data.read_parquet(source, ray_remote_args=again)
    _check_columns(rows.schema().names, overwrite=overwrite)
    judged = rows.repartition(target_num_rows_per_block=ROWS_A_BLOCK).map_batches(
        partial(_judged, policies=policies), batch_format="pyarrow", batch_size=ROWS_A_BLOCK, **again
    )
    try:
        judged.write_parquet(target, mode="error", ray_remote_args=again)
    except ValueError:
        raise RequestError(f"there is something at {target} already") from None
    count, written = rows.count(), ray.data.read_parquet(target).count()
    if count != written:
        raise DatasetError(f"{written} rows were written for {count}: judge them again")
    return int(count)


def _judged(rows: pa.Table, policies: tuple[str, ...]) -> pa.Table:
    """Return the rows with the verdicts beside them; this runs on a worker."""
    requests = rows.select([name for name in rows.column_names if name in REQUEST_FIELDS]).combine_chunks()
    batches = [score_batch(each, policies=policies) for each in requests.to_batches(max_chunksize=ROWS_A_BATCH)]
    verdicts = pa.Table.from_batches(batches, VERDICT)
    kept = rows.drop_columns([name for name in rows.column_names if name in WRITTEN])
    for name in WRITTEN:
        kept = kept.append_column(name, verdicts.column(name))
    return kept


def _check_columns(names: list[str], *, overwrite: bool) -> None:
    if not {"text", "template"} & set(names):
        raise RequestError("the data set has no column text or template")
    if (taken := [name for name in WRITTEN if name in names]) and not overwrite:
        raise RequestError(f"the data set already has {', '.join(taken)}: choose --overwrite to replace them")


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray  # noqa: PLC0415
        import ray.data  # noqa: PLC0415
    except ImportError:
        raise RequestError("data sets need the extra batch: pip install 'sendsafe[batch]'") from None
    return ray
