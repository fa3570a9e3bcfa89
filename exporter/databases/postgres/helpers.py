"""The functions of the registry that do not depend on the engine, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from exporter.sql.text import Sql

OWNER_HELPERS: Mapping[str, Sql] = MappingProxyType(
    {"drop_model": Sql("export_model.drop_model(text, boolean)")}
)
"""For the registry's owner."""

POLICY_HELPERS: Mapping[str, Sql] = MappingProxyType(
    {
        "owns": Sql("export_model.owns(text)"),
        "owns_model": Sql("export_model.owns_model(text)"),
        "owns_version": Sql("export_model.owns_version(text)"),
    }
)
"""For the policies of the registry's tables, which run with the rights of who reads or writes."""

CALLER_HELPERS: Mapping[str, Sql] = MappingProxyType(
    {
        "full_name": Sql("export_model.full_name(regclass)"),
        "type_name": Sql("export_model.type_name(regtype)"),
        "list_columns": Sql("export_model.list_columns(text, jsonb)"),
        "ask_types": Sql("export_model.ask_types(text, text[])"),
        "pack_item": Sql("export_model.pack_item(text[], regtype[], boolean, boolean)"),
        "column_letter": Sql("export_model.column_letter(regtype, text)"),
        "column_letters": Sql("export_model.column_letters(text[], regtype[], text[])"),
        "pack_arguments": Sql("export_model.pack_arguments(text[], regtype[], jsonb)"),
        "pack_columns": Sql("export_model.pack_columns(text[], regtype[], text[])"),
        "pack_row": Sql("export_model.pack_row(jsonb, regtype[])"),
        "count_blocks": Sql("export_model.count_blocks(regclass)"),
        "held_type": Sql("export_model.held_type(regtype)"),
        "query_item": Sql("export_model.query_item(text)"),
        "check_settings": Sql("export_model.check_settings(text, text)"),
        "source": Sql("export_model.source(text, text, jsonb)"),
        "gather_query": Sql("export_model.gather_query(text, text, text, text)"),
        "give_query": Sql("export_model.give_query(regtype)"),
        "choose_blocks": Sql("export_model.choose_blocks(bigint, bigint, bigint)"),
        "fetch_batch": Sql("export_model.fetch_batch(refcursor, anyelement)"),
        "reals": Sql("export_model.reals(text)"),
        "doubles": Sql("export_model.doubles(text)"),
        "scores_item": Sql("export_model.scores_item(text, text)"),
        "score_rows": Sql("export_model.score_rows(text, text, anyarray, bytea)"),
        "answer_batch": Sql("export_model.answer_batch(text, text, regtype, anyarray, bytea)"),
        "score_batches": Sql("export_model.score_batches(jsonb, text, text, text, regtype)"),
        "score_source": Sql("export_model.score_source(jsonb, text, text, text, anyelement)"),
        "scorer_of": Sql("export_model.scorer_of(text, text, text, anyelement)"),
        "target_columns": Sql("export_model.target_columns(text[], jsonb)"),
        "target_query": Sql("export_model.target_query(text, jsonb)"),
        "check_target": Sql("export_model.check_target(regclass, jsonb)"),
        "check_name": Sql("export_model.check_name(text)"),
        "key_mark": Sql("export_model.key_mark()"),
        "postpone_key": Sql("export_model.postpone_key(jsonb, text)"),
        "make_key": Sql("export_model.make_key(regclass)"),
        "refuse_code": Sql("export_model.refuse_code(regclass)"),
        "require_key": Sql("export_model.require_key(regclass, jsonb)"),
        "drop_unused": Sql("export_model.drop_unused(regclass)"),
        "prepare_target": Sql("export_model.prepare_target(text, jsonb)"),
        "has_key": Sql("export_model.has_key(regclass, text)"),
        "check_key": Sql("export_model.check_key(text, text, text)"),
        "check_key_type": Sql("export_model.check_key_type(text, text)"),
        "longest_key": Sql("export_model.longest_key()"),
        "refuse_key_length": Sql("export_model.refuse_key_length(text, text, integer)"),
        "check_key_length": Sql("export_model.check_key_length(text, text, text)"),
        "lock_target": Sql("export_model.lock_target(regclass)"),
        "equality": Sql("export_model.equality(regclass)"),
        "describe_job": Sql("export_model.describe_job(text, regclass, jsonb)"),
        "open_scoring": Sql("export_model.open_scoring(jsonb, text, text, text)"),
        "store_scores": Sql("export_model.store_scores(jsonb, anyarray, bytea)"),
        "score_blocks": Sql("export_model.score_blocks(jsonb, bigint, bigint, bigint)"),
        "score_fetched": Sql("export_model.score_fetched(jsonb, refcursor)"),
        "rows_query": Sql("export_model.rows_query(jsonb, integer, integer)"),
        "is_atomic": Sql("export_model.is_atomic(text)"),
        "check_transaction": Sql("export_model.check_transaction()"),
        "score_into": Sql("export_model.score_into(jsonb, text, text, text)"),
    }
)
"""For those who score whole tables, with their own rights."""

KEEPING_HELPERS: Mapping[str, Sql] = MappingProxyType(
    {
        "kept": Sql("export_model.kept(text, text, text)"),
        "kept_digits": Sql("export_model.kept_digits(text, text)"),
    }
)
"""For functions that users call: which version a statement keeps while another is made the
champion."""

WINDOW_HELPERS: Mapping[str, Sql] = MappingProxyType(
    {
        "order_operator": Sql("export_model.order_operator(regtype, integer)"),
        "gap_condition": Sql("export_model.gap_condition(text, text, text, regtype)"),
        "series": Sql("export_model.series(text, text, text, text, text, regtype)"),
        "windows_query": Sql("export_model.windows_query(text, boolean, text)"),
        "all_rows": Sql("export_model.all_rows(jsonb)"),
        "refuse_place": Sql("export_model.refuse_place(text, text, boolean)"),
        "key_text": Sql("export_model.key_text(anyelement, text)"),
        "fetch_windows": Sql("export_model.fetch_windows(refcursor, text, text, anyelement)"),
        "score_window_rows": Sql(
            "export_model.score_window_rows(text, text, anyarray, bytea, integer[], integer[],"
            " integer, bytea, text)"
        ),
        "answer_windows": Sql(
            "export_model.answer_windows(text, text, regtype, anyarray, bytea, integer[],"
            " integer[], integer, bytea)"
        ),
        "window_source": Sql(
            "export_model.window_source(jsonb, text, text, text, text, text, regtype)"
        ),
        "score_series": Sql(
            "export_model.score_series(jsonb, text, text, text, text, text, integer, text,"
            " regtype, anyelement)"
        ),
        "parts_query": Sql("export_model.parts_query(jsonb)"),
        "last_rows": Sql("export_model.last_rows(jsonb, integer, jsonb)"),
        "fetch_series": Sql("export_model.fetch_series(refcursor, integer, anyelement)"),
        "answer_forecasts": Sql(
            "export_model.answer_forecasts(text, anyarray, bytea, integer[], integer, bytea,"
            " integer)"
        ),
        "forecast_source": Sql(
            "export_model.forecast_source(jsonb, text, text, text, integer, text, integer)"
        ),
        "has_series_index": Sql("export_model.has_series_index(regclass, text, text)"),
        "plan_query": Sql("export_model.plan_query(jsonb)"),
        "is_looked_up": Sql("export_model.is_looked_up(jsonb, boolean)"),
        "is_indexed": Sql("export_model.is_indexed(jsonb, text, text)"),
        "new_rows": Sql("export_model.new_rows(jsonb, integer, integer)"),
        "window_rows_query": Sql("export_model.window_rows_query(jsonb, integer, integer)"),
        "describe_windows": Sql("export_model.describe_windows(jsonb, regclass)"),
        "open_windows": Sql(
            "export_model.open_windows(jsonb, text, text, text, text, text, integer, text,"
            " regtype, text[])"
        ),
        "insert_windows": Sql("export_model.insert_windows(jsonb, text)"),
        "write_windows": Sql(
            "export_model.write_windows(jsonb, anyarray, bytea, integer[], integer[], bytea)"
        ),
        "store_windows": Sql("export_model.store_windows(jsonb, refcursor, bytea)"),
        "score_windows_into": Sql(
            "export_model.score_windows_into(jsonb, text, text, text, text, text, integer, text,"
            " regtype, text[])"
        ),
    }
)
"""The same for windows over rows."""
