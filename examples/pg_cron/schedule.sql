-- Every five minutes the server scores the rows that came in, by itself. In the database that cron.database_name names, as a role that
-- may score and write; where a run is still at work when the next begins, that one is refused, and cron.job_run_details says so.
SELECT cron.schedule('score digits', '*/5 * * * *', $$CALL reader.score_into('digits', 'id', 'digit_scores')$$);
