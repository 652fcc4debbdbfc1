-- Ticking the newsletter box is a consent, unticking it a withdrawal. A box that was never ticked
-- is neither.
with newsletter_changes as (

    select * from {{ ref('stg_sap_commerce__newsletter_changes') }}

),

customers as (

    select * from {{ ref('stg_sap_commerce__customers') }}

),

final as (

    select
        'sap_commerce:' || newsletter_changes.customer_id
        || ':newsletter:' || newsletter_changes.changed_at as consent_id,
        'sap_commerce:' || newsletter_changes.customer_id as record_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        null as contact_point,
        'email' as channel,
        'marketing' as purpose,
        case when newsletter_changes.newsletter then 'granted' else 'withdrawn' end as status,
        newsletter_changes.changed_at as stated_at,
        'newsletter' as evidence
    from newsletter_changes
    inner join customers
        on newsletter_changes.customer_id = customers.customer_id

)

select * from final
