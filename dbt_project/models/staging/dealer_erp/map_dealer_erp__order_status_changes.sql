with order_status_changes as (

    select * from {{ ref('stg_dealer_erp__order_status_changes') }}

),

final as (

    select
        'dealer_erp:' || change_id as change_id,
        'dealer_erp:' || order_number as order_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        status,
        expected_on,
        changed_at
    from order_status_changes

)

select * from final
