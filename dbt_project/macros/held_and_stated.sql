{#- A raw table that Kindred also writes to, as a subquery with one row per key: the row as the system
    holds it now, and beside it what the system itself says, which Kindred's own writing is no part
    of. For each column in `stated` there is `stated_<column>`, from the last version that somebody
    else wrote, and there is `stated_at`, the time of that version.

    A version is Kindred's when a user as whom we ever read the table wrote it and it carries our key
    (another job that runs as the same user doesn't set it). A row that Kindred created and nobody
    else has touched says nothing: its stated columns are null. Of a row that somebody else created,
    and that only landed after Kindred had written to it, the oldest version counts, from the day the
    row was created.

    own_key                 column that holds our customer id
    updated, updated_by     when and by whom the row was last changed
    created, created_by     when and by whom it was created
    tombstones end a row as in latest_version. -#}
{% macro held_and_stated(
    relation, key, stated, own_key, updated, updated_by, created, created_by
) -%}
    (
        with own_users as (
            select distinct _read_as as user_id
            from {{ relation }}
            where _read_as is not null
        ),

        versions as (
            select
                *,
                {{ own_key }} is not null
                and coalesce({{ updated_by }} in (select user_id from own_users), false) as is_ours,
                coalesce({{ created_by }} in (select user_id from own_users), false)
                    as is_our_creation,
                row_number() over (
                    partition by {{ key }}
                    order by _dlt_load_id desc, {{ updated }} desc nulls last
                ) as version_rank
            from {{ relation }}
        ),

        statements as (
            select
                *,
                row_number() over (
                    partition by {{ key }}
                    order by is_ours, case when is_ours then -version_rank else version_rank end
                ) as statement_rank
            from versions
            where not coalesce(_deleted, false) and not (is_ours and is_our_creation)
        )

        select
            versions.*,
            {%- for column in stated %}
            statements.{{ column }} as stated_{{ column }},
            {%- endfor %}
            case when statements.is_ours then statements.{{ created }} else statements.{{ updated }} end
                as stated_at
        from versions
        left join statements
            on versions.{{ key }} = statements.{{ key }} and statements.statement_rank = 1
        where versions.version_rank = 1 and not coalesce(versions._deleted, false)
    ) as latest
{%- endmacro %}


{#- When the columns `flags`, which Kindred never writes, last changed as far as we know: with the
    statement, or, when its flags differ, with the row as it is held now (somebody set a flag and
    Kindred wrote to the row before it was read). -#}
{% macro flags_stated_at(flags, updated) -%}
    case
        when
            {%- for flag in flags %}
            {{ 'and ' if not loop.first }}{{ flag }} is not distinct from stated_{{ flag }}
            {%- endfor %}
            then stated_at
        else {{ updated }}
    end
{%- endmacro %}
