{#- A register's entries as they stand, one row per `entry_id`, as a subquery; `standing_action`
    is `withdraw` for those that don't.

    Files arrive late and out of order, so the register's own day decides between versions of an entry
    (`recorded_on`), and only on one day the delivery. A file named `<register>_whole_*` holds the
    whole register: an entry that arrived before the latest of those and isn't in it is withdrawn. -#}
{% macro standing_entries(register) -%}
    {%- set whole = "_file like '" ~ register ~ "\\_whole\\_%' escape '\\'" -%}
    (
        select
            latest.*,
            case
                when
                    latest.last_load_id < whole_files.last_load_id
                    or (
                        latest.last_load_id = whole_files.last_load_id
                        and latest.last_file < whole_files.last_file
                    )
                    then 'withdraw'
                else latest.action
            end as standing_action
        from (
            select
                *,
                row_number() over (
                    partition by entry_id
                    order by recorded_on desc nulls last, _dlt_load_id desc, _file desc, _row desc
                ) as version_rank,
                first_value(_dlt_load_id) over arrivals as last_load_id,
                first_value(_file) over arrivals as last_file
            from {{ raw('registers', register) }}
            window arrivals as (partition by entry_id order by _dlt_load_id desc, _file desc)
        ) as latest
        left join (
            select
                _dlt_load_id as last_load_id,
                _file as last_file
            from (
                select
                    _dlt_load_id,
                    _file,
                    row_number() over (order by _dlt_load_id desc, _file desc) as place
                from {{ raw('registers', register) }}
                where {{ whole }}
            ) as whole_deliveries
            where place = 1
        ) as whole_files on 1 = 1
        where latest.version_rank = 1
    ) as standing_entries
{%- endmacro %}
