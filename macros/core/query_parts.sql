{#- The CTEs of a query in their order, name -> text, and under an empty name what is selected of them; nothing where it does not begin with one. -#}
{% macro query_parts(sql) -%}
    {%- set token = "(?s)--[^\n]*|/[*].*?[*]/|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`|\"[^\"]*\"|[(),]|\\w+" -%}
    {%- set at = namespace(depth=0, start=none, name=none, word='') -%}
    {%- set parts = {} -%}
    {%- for found in modules.re.finditer(token, sql) if found.group()[:2] not in ['--', '/*'] and '' not in parts -%}
        {%- set word = found.group() -%}
        {%- if loop.first and word | lower != 'with' -%}
            {{ return({}) }}
        {%- elif word == '(' -%}
            {%- set at.depth = at.depth + 1 -%}
            {%- if at.depth == 1 and at.word | lower != 'as' -%}
                {{ return({}) }}
            {%- elif at.depth == 1 -%}
                {%- set at.start = found.end() -%}
            {%- endif -%}
        {%- elif word == ')' -%}
            {%- set at.depth = at.depth - 1 -%}
            {%- if at.depth == 0 -%}
                {%- do parts.update({at.name: sql[at.start:found.start()]}) -%}
                {%- set at.name = none -%}
            {%- endif -%}
        {%- elif at.depth == 0 and word | lower == 'recursive' -%}
            {{ return({}) }}
        {%- elif at.depth == 0 and at.name is none and word | lower not in ['with', ','] -%}
            {#- A name, or what follows the last CTE. -#}
            {%- if at.start is none or at.word == ',' -%}
                {%- set at.name = word -%}
            {%- else -%}
                {%- do parts.update({'': sql[found.start():]}) -%}
            {%- endif -%}
        {%- endif -%}
        {%- set at.word = word -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}


{#- What a part of a query reads, as often as it does. -#}
{% macro reads_of_part(text) -%}
    {{ return(modules.re.findall('(?i)\\b(?:from|join)\\s+([\\w.`]+)', text)) }}
{%- endmacro %}


{#- The parts that are worth a table: read more than once, and what is not computed again is more than a few tables. -#}
{% macro parts_read_often(parts, worth=6) -%}
    {%- set reads = {} -%}
    {%- for name, text in parts.items() -%}
        {%- do reads.update({name: reads_of_part(text)}) -%}
    {%- endfor -%}
    {%- set names = parts.keys() | list -%}
    {%- set weights = {} -%}
    {%- set chosen = [] -%}
    {%- for name in names if name -%}
        {%- set weight = namespace(tables=0, times=0) -%}
        {%- for read in reads[name] -%}
            {%- set weight.tables = weight.tables + weights.get(read, 1) -%}
        {%- endfor -%}
        {%- for later in names[loop.index:] -%}
            {%- set weight.times = weight.times + reads[later].count(name) -%}
        {%- endfor -%}
        {%- if weight.tables > 1 and weight.tables * (weight.times - 1) >= worth -%}
            {%- do chosen.append(name) -%}
            {%- set weight.tables = 1 -%}
        {%- endif -%}
        {%- do weights.update({name: [weight.tables, 1] | max}) -%}
    {%- endfor -%}
    {{ return(chosen) }}
{%- endmacro %}


{#- One part as a query by itself: with the CTEs that it names, of which those that have been made are read from their tables. One that only bears the
    name of a column is taken along and read by nobody.

    made: name of a part -> its table. -#}
{% macro query_of_part(parts, name, made) -%}
    {%- set names = parts.keys() | list -%}
    {%- set needed = [name] + modules.re.findall('\\w+', parts[name]) -%}
    {%- set lines = [] -%}
    {%- for earlier in names[:names.index(name) + 1] | reverse if earlier and earlier in needed -%}
        {%- set text = 'select * from ' ~ made[earlier] if earlier in made else parts[earlier] -%}
        {%- do needed.extend(modules.re.findall('\\w+', text)) -%}
        {%- do lines.insert(0, earlier ~ ' as (' ~ text ~ '\n)') -%}
    {%- endfor -%}
    {{ return(('with ' ~ lines | join(',\n') ~ '\n' if lines else '') ~ (parts[name] if not name else 'select * from ' ~ name)) }}
{%- endmacro %}
