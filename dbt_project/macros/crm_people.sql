{#- Identifiers of a CRM's people, in the shape of `person_identifiers`: email and phone of its person
    records; a contact's own key, and ours where we created it; and a lead's key of the contact it became,
    so that they meet. Staging must have `contact_id` and `updated_at` in both, and `created_for` in contacts. -#}
{% macro crm_person_identifiers(source_name, contact_key_type) -%}
    (
        select
            record_id,
            identifier_type,
            identifier_value,
            '{{ source_name }}' as source_system,
            'first' as data_party,
            max(seen_at) as seen_at
        from (
            select * from {{ contact_identifiers(ref('map_' ~ source_name ~ '__person_records')) }}
            {%- for entity, id, type, value in [
                ('contacts', 'contact_id', contact_key_type, 'contact_id'),
                ('contacts', 'contact_id', 'kindred_id', 'created_for'),
                ('leads', 'lead_id', contact_key_type, 'contact_id'),
            ] %}
            union all
            select
                '{{ source_name }}:' || {{ id }} as record_id,
                '{{ type }}' as identifier_type,
                {{ value }} as identifier_value,
                updated_at as seen_at
            from {{ ref('stg_' ~ source_name ~ '__' ~ entity) }}
            {%- endfor %}
        ) as every_identifier
        where identifier_value is not null
        group by record_id, identifier_type, identifier_value
    ) as crm_person_identifiers
{%- endmacro %}


{#- A CRM's people, in the shape of `person_records`. `people` is a query with the columns that are
    read here, as the CRM holds them: `dealer_country` (ISO) is the country in whose way a phone number
    is written by who names no country. -#}
{% macro crm_person_records(source_name, people) -%}
    (
        select
            '{{ source_name }}:' || source_key as record_id,
            '{{ source_name }}' as source_system,
            'first' as data_party,
            party_class,
            {{ clean_text('given_name') }} as given_name,
            {{ clean_text('middle_name') }} as middle_name,
            {{ clean_text('family_name') }} as family_name,
            birth_date,
            gender,
            {{ clean_email('email') }} as email,
            {{ clean_phone('phone', 'coalesce(country_code, dealer_country)') }} as phone,
            {{ street_of('clean_street_line') }} as street,
            {{ house_number_of('clean_street_line') }} as house_number,
            {{ clean_postal_code('postal_code', 'country_code') }} as postal_code,
            {{ clean_text('city') }} as city,
            country_code,
            {{ clean_language('language') }} as language,
            {{ clean_company('company', 'family_name') }} as company,
            {{ trimmed('email') }} as email_as_written,
            {{ trimmed('phone') }} as phone_as_written,
            cast(birth_date as varchar) as birth_date_as_written,
            -- a contact that only Kindred ever wrote says nothing, not even since when
            case when updated_at is not null then created_at end as created_at,
            updated_at
        from (
            select
                people.*,
                {{ clean_text('people.street_line') }} as clean_street_line,
                {{ country_or_default(
                    'countries.country_code', 'people.country', 'people.postal_code'
                ) }} as country_code
            from {{ people }} as people
            left join {{ ref('country_names') }} as countries
                on {{ country_key('people.country') }} = countries.written_as
        ) as located
    ) as crm_person_records
{%- endmacro %}
