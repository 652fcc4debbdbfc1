with payments as (

    select * from {{ ref('stg_dealer_erp__payments') }}

),

final as (

    select
        'dealer_erp:' || payment_id as payment_id,
        'dealer_erp:' || order_number as order_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        kind,
        case kind when 'refund' then -abs(amount) else amount end as amount,
        paid_at
    from payments

)

select * from final
