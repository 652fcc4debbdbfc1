{#- Text typed by people, repaired: blanks trimmed, empty text null, one Unicode form (an `ü` made of
    `u` and two dots becomes one letter), and letters that were read in the wrong encoding put right
    (`MÃ¼ller` -> `Müller`). -#}
{% macro clean_text(text) -%}
    nullif(trim({{ one_form(repair_encoding(text)) }}), '')
{%- endmacro %}


{#- One Unicode form (NFC) for the same letters. -#}
{% macro one_form(text) -%}
    {{ return(adapter.dispatch('one_form')(text)) }}
{%- endmacro %}

{% macro duckdb__one_form(text) -%}
    {{ return('nfc_normalize(' ~ text ~ ')') }}
{%- endmacro %}


{#- Letters whose UTF-8 bytes were read as Windows-1252 or Latin-1, put right. A text without one of
    the tell-tale letters is passed through, so clean data costs one look. -#}
{% macro repair_encoding(text) -%}
    {{ return(adapter.dispatch('repair_encoding')(text)) }}
{%- endmacro %}

{% macro duckdb__repair_encoding(text) -%}
    {#- The second bytes of the letters from À to ÿ, as misread, and the letters; the first byte was
        always misread as Ã, so the text is cut at each Ã. -#}
    {%- set misread = (
        '€\u0080\u0081‚\u0082ƒ\u0083„\u0084…\u0085†\u0086‡\u0087ˆ\u0088‰\u0089Š\u008a‹\u008bŒ\u008c\u008dŽ\u008e\u008f\u0090‘\u0091' ~
        '’\u0092“\u0093”\u0094•\u0095–\u0096˜\u0098™\u0099š\u009a›\u009bœ\u009c\u009dž\u009eŸ\u009f\u00a0¡¢£¤¥¦' ~
        '§¨©ª«¬\u00ad®¯°±²³´µ¶¸¹º»¼½¾¿'
    ) -%}
    {%- set letters = (
        'ÀÀÁÂÂÃÃÄÄÅÅÆÆÇÇÈÈÉÉÊÊËËÌÌÍÎÎÏÐÑÑ' ~
        'ÒÒÓÓÔÔÕÕÖÖØØÙÙÚÚÛÛÜÜÝÞÞßßàáâãäåæ' ~
        'çèéêëìíîïðñòóôõöøùúûüýþÿ'
    ) -%}
    {#- Other letters and signs, one by one. -#}
    {%- set others = {
        'Å¡': 'š', 'Å¾': 'ž', 'Å\u00a0': 'Š', 'Å½': 'Ž', 'Å‚': 'ł', 'Å\u0082': 'ł', 'Ä‡': 'ć',
        'Ä\u0087': 'ć', 'Ä\u008d': 'č', 'Ä›': 'ě', 'Ä\u009b': 'ě', 'Å™': 'ř', 'Å\u0099': 'ř',
        'Å„': 'ń', 'Å\u0084': 'ń', 'Å›': 'ś', 'Å\u009b': 'ś', 'Åº': 'ź', 'Å¼': 'ż', 'ÄŸ': 'ğ',
        'Ä\u009f': 'ğ', 'Ä°': 'İ', 'Ä±': 'ı', 'Å“': 'œ', 'Å\u0093': 'œ', 'â€™': '’',
        'â\u0080\u0099': '’',
    } -%}
    {%- set repaired = namespace(sql=text) -%}
    {%- for wrong, right in others.items() -%}
        {%- set repaired.sql = "replace(" ~ repaired.sql ~ ", '" ~ wrong ~ "', '" ~ right ~ "')" -%}
    {%- endfor -%}
    case
        when {{ matches(text, '[ÃÅÄ]|â[€\u0080]') }}
            then array_to_string(
                list_transform(
                    string_split({{ repaired.sql }}, 'Ã'),
                    lambda part, place: case
                        when place = 1 then part
                        when part = '' then 'Ã'
                        when contains('{{ misread }}', part[1])
                            then translate(part[1], '{{ misread }}', '{{ letters }}') || part[2:]
                        else 'Ã' || part
                    end
                ),
                ''
            )
        else {{ text }}
    end
{%- endmacro %}
