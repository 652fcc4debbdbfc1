with source as (

    select *
    from {{ raw('sap_commerce', 'customers') }}
    where newsletter is not null

),

-- Every version that ever landed, beside the version before it.
versions as (

    select
        customer_id,
        newsletter,
        lag(newsletter, 1, false) over (
            partition by customer_id
            order by _dlt_load_id, modified_time
        ) as newsletter_before,
        modified_time
    from source

),

changes as (

    select
        customer_id,
        newsletter,
        modified_time as changed_at
    from versions
    where newsletter <> newsletter_before

)

select * from changes
