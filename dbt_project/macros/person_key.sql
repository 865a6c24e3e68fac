{#
An expression of type text, a person's name, as its key: the words in lower case, sorted. So letter
case, NFC or NFD, `Last, First` and `First-Last` make no difference. Same rule as in
loader/parsing/people.py; tests compare the two. SQL's own `lower` depends on the collation of the
database.
#}
{% macro person_key(expression) %}
    {{- return(sorted_words(translated_name(expression))) -}}
{% endmacro %}

{#
An expression of type text, a person's name, in the same form, but with its words in their order.
#}
{% macro folded_name(expression) %}
    {%- set folded = translated_name(expression) -%}
    {{- return("trim(regexp_replace(" ~ folded ~ ", ' +', ' ', 'g'))") -}}
{% endmacro %}

{#
A name in lower case, with spaces between its words. Most names are ASCII: for those, a short list
of characters saves nine tenths of the time.
#}
{% macro translated_name(expression) %}
    {#
    Latin, Greek, Cyrillic and Armenian; a loop over the code points would take dbt longer than the
    rest.
    #}
    {%- set capitals = (
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅ"
        ~ "ŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴ"
        ~ "ǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤ"
        ~ "ϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢ"
        ~ "ҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄ"
        ~ "ՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎ"
        ~ "ẐẒẔẞẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾἈἉἊἋἌἍἎἏἘἙἚἛἜἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὙὛ"
        ~ "ὝὟὨὩὪὫὬὭὮὯᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾸᾹᾺΆᾼῈΈῊΉῌῘῙῚΊῨῩῪΎῬῸΌῺΏῼ"
    ) -%}
    {#
    White space and punctuation separate words; then remove apostrophes and characters without
    width.
    #}
    {%- set between = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u2010\u2011\u2012\u2013\u2014" -%}
    {%- set apostrophes = "\u2019\u2018\u02bc\xb4\u2032" -%}
    {%- set unseen = "\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" -%}
    {%- set ascii = "ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\n\x0b\x0c\r,.;:_-`" -%}
    {%- set ascii_to = "abcdefghijklmnopqrstuvwxyz           ''" -%}
    {%- set from = ascii ~ capitals ~ between ~ apostrophes ~ unseen -%}
    {%- set to = (
        ascii_to
        ~ capitals.lower()
        ~ " " * (between | length)
        ~ "''" * (apostrophes | length)
    ) -%}
    {%- set nfc = adapter.dispatch("nfc")(expression) -%}
    {%- set is_ascii = (
        "bit_length(" ~ expression ~ ") = 8 * length(" ~ expression ~ ")"
    ) -%}
    {%- set short = (
        "translate(" ~ expression ~ ", '" ~ ascii ~ "', '" ~ ascii_to ~ "')"
    ) -%}
    {%- set long = "translate(" ~ nfc ~ ", '" ~ from ~ "', '" ~ to ~ "')" -%}
    {{-
        return(
            "case when " ~ is_ascii ~ " then " ~ short ~ " else " ~ long ~ " end"
        )
    -}}
{% endmacro %}

{# An expression of type text, in NFC. #}
{% macro nfc(expression) %}
    {{- return(adapter.dispatch("nfc")(expression)) -}}
{% endmacro %}

{% macro default__nfc(expression) %}
    {{- return("nfc_normalize(" ~ expression ~ ")") -}}
{% endmacro %}

{% macro postgres__nfc(expression) %}
    {{- return("normalize(" ~ expression ~ ", nfc)") -}}
{% endmacro %}

{# An expression of type text with its words, which spaces separate, sorted by code point. #}
{% macro sorted_words(expression) %}
    {{- return(adapter.dispatch("sorted_words")(expression)) -}}
{% endmacro %}

{% macro default__sorted_words(expression) %}
    {{-
        return(
            "trim(array_to_string(list_sort(string_split("
            ~ expression
            ~ ", ' ')), ' '))"
        )
    -}}
{% endmacro %}

{% macro postgres__sorted_words(expression) %}
    {{-
        return(
            "trim(array_to_string(array(select word from unnest(string_to_array("
            ~ expression
            ~ ", ' ')) as words (word) order by word collate \"C\"), ' '))"
        )
    -}}
{% endmacro %}
