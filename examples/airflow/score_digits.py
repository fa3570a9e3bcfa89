"""Check the model, then score the rows that came in: a DAG for Airflow 3.

The database is that of EXPORT_MODEL_DSN where tasks run; its password belongs into ~/.pgpass. A
task may be retried at any time: rows that have a score of this version are skipped.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "score_digits",
    schedule="*/5 * * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # a second run at once would be refused, and red
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30)},
):
    verify = BashOperator(
        task_id="verify",
        bash_command="export-model verify --name reader",
    )
    score = BashOperator(
        task_id="score",
        bash_command="export-model score --name reader --table digits --key id --into digit_scores",
    )
    verify >> score
