with

golden as (
    {%- for group, value, issue in [
        ('name', 'coalesce(given_name, family_name)', 'null'),
        ('birth_date', 'cast(birth_date as varchar)', 'birth_date_issue'),
        ('gender', 'gender', 'null'),
        ('email', 'email', 'email_issue'),
        ('phone', 'phone', 'phone_issue'),
        ('address', 'coalesce(postal_code, city)', 'null'),
        ('language', 'language', 'null'),
        ('company', 'company', 'null'),
    ] %}
    select
        customer_id,
        '{{ group }}' as attribute_group,
        cast({{ issue }} as varchar) as issue
    from {{ ref('dim_customers') }}
    where {{ value }} is not null or {{ issue }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select golden.*
from golden
left join {{ ref('customer_attribute_provenance') }} as provenance
    on
        golden.customer_id = provenance.customer_id
        and golden.attribute_group = provenance.attribute_group
        and golden.issue is not distinct from provenance.issue
where provenance.customer_id is null
