-- The newsletter box of the account, as it stands now.
with customers as (

    select * from {{ ref('stg_sap_commerce__customers') }}

),

final as (

    select
        'sap_commerce:' || customer_id || ':newsletter' as consent_id,
        'sap_commerce:' || customer_id as record_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        null as contact_point,
        'email' as channel,
        'marketing' as purpose,
        case when newsletter then 'granted' else 'withdrawn' end as status,
        updated_at as stated_at,
        'newsletter' as evidence
    from customers
    where newsletter is not null

)

select * from final
