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


{#- Letters whose UTF-8 bytes were read as Windows-1252 or Latin-1, put right. Texts without one of
    the tell-tale letters are passed through, so clean data costs one look. -#}
{% macro repair_encoding(text) -%}
    {%- set misread = {
        'â€™': '’', 'â\u0080\u0099': '’', 'Ã€': 'À', 'Ã\u0080': 'À', 'Ã\u0081': 'Á', 'Ã‚': 'Â',
        'Ã\u0082': 'Â', 'Ã„': 'Ä', 'Ã\u0084': 'Ä', 'Ã…': 'Å', 'Ã\u0085': 'Å', 'Ã†': 'Æ',
        'Ã\u0086': 'Æ', 'Ã‡': 'Ç', 'Ã\u0087': 'Ç', 'Ãˆ': 'È', 'Ã\u0088': 'È', 'Ã‰': 'É',
        'Ã\u0089': 'É', 'ÃŠ': 'Ê', 'Ã\u008a': 'Ê', 'Ã‹': 'Ë', 'Ã\u008b': 'Ë', 'ÃŽ': 'Î',
        'Ã\u008e': 'Î', 'Ã\u008f': 'Ï', 'Ã‘': 'Ñ', 'Ã\u0091': 'Ñ', 'Ã“': 'Ó', 'Ã\u0093': 'Ó',
        'Ã”': 'Ô', 'Ã\u0094': 'Ô', 'Ã–': 'Ö', 'Ã\u0096': 'Ö', 'Ã˜': 'Ø', 'Ã\u0098': 'Ø',
        'Ãš': 'Ú', 'Ã\u009a': 'Ú', 'Ã›': 'Û', 'Ã\u009b': 'Û', 'Ãœ': 'Ü', 'Ã\u009c': 'Ü',
        'ÃŸ': 'ß', 'Ã\u009f': 'ß', 'Ã\u00a0': 'à', 'Ã¡': 'á', 'Ã¢': 'â', 'Ã£': 'ã', 'Ã¤': 'ä',
        'Ã¥': 'å', 'Ã¦': 'æ', 'Ã§': 'ç', 'Ã¨': 'è', 'Ã©': 'é', 'Ãª': 'ê', 'Ã«': 'ë', 'Ã¬': 'ì',
        'Ã\u00ad': 'í', 'Ã®': 'î', 'Ã¯': 'ï', 'Ã±': 'ñ', 'Ã²': 'ò', 'Ã³': 'ó', 'Ã´': 'ô',
        'Ãµ': 'õ', 'Ã¶': 'ö', 'Ã¸': 'ø', 'Ã¹': 'ù', 'Ãº': 'ú', 'Ã»': 'û', 'Ã¼': 'ü', 'Ä‡': 'ć',
        'Ä\u0087': 'ć', 'Ä\u008d': 'č', 'Ä›': 'ě', 'Ä\u009b': 'ě', 'ÄŸ': 'ğ', 'Ä\u009f': 'ğ',
        'Ä°': 'İ', 'Ä±': 'ı', 'Å‚': 'ł', 'Å\u0082': 'ł', 'Å„': 'ń', 'Å\u0084': 'ń', 'Å“': 'œ',
        'Å\u0093': 'œ', 'Å™': 'ř', 'Å\u0099': 'ř', 'Å›': 'ś', 'Å\u009b': 'ś', 'Å\u00a0': 'Š',
        'Å¡': 'š', 'Åº': 'ź', 'Å¼': 'ż', 'Å½': 'Ž', 'Å¾': 'ž',
    } -%}
    {%- set repaired = namespace(sql=text) -%}
    {%- for wrong, right in misread.items() -%}
        {%- set repaired.sql = "replace(" ~ repaired.sql ~ ", '" ~ wrong ~ "', '" ~ right ~ "')" -%}
    {%- endfor -%}
    {{ return(
        'case when ' ~ matches(text, '[ÃÅÄ]|â[€\u0080]') ~ ' then ' ~ repaired.sql ~ ' else ' ~ text ~ ' end'
    ) }}
{%- endmacro %}
