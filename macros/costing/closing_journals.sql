{#- Select of the journals that close the books, or look like it: source_system, journal_id, is_closing. Recognised is a journal whose postings
    - all lie on the last day of one month,
    - are on revenue or expense accounts and on equity accounts, on both, and on no other account,
    - take from each of its revenue and expense accounts all that the fiscal year has put there so far, or more where the ledger was not
      delivered from the beginning of the year on, and
    - leave no result on the accounts of the system, on the last day of whatever month: a company may close its books every month. On the last day
      of the fiscal year a result may be left, where the account was not emptied like that before in the year: what somebody takes
      home every month is no closing.
    Nothing else does that: a cost that is paid in shares raises its account, and one that is corrected against equity leaves the others as they are.
    One that takes something, not all, from each of its accounts on the last day of the fiscal year only looks like it: somebody should say.
    Where two such journals of a day turn the same account in opposite directions, only the one of more accounts can be the closing one.

    postings: CTE with source_system, journal_id, account_id, account_type, currency_code, posted_on, amount of the systems in question. -#}
{% macro closing_journals(postings) %}
    with

    result_postings as (
        select
            *,
            {{ fiscal_year_of('posted_on') }} as fiscal_year
        from {{ postings }}
        where account_type in ('revenue', 'expense')
    ),

    candidates as (
        select
            source_system,
            journal_id,
            min(posted_on) as posted_on,
            count(distinct case when account_type <> 'equity' then account_id end) as account_count
        from {{ postings }}
        where journal_id is not null
        group by
            source_system,
            journal_id
        having
            min(posted_on) = max(posted_on)
            and min(posted_on) = {{ month_end_of('min(posted_on)') }}
            and sum(case when account_type in ('revenue', 'expense') then 1 else 0 end) > 0
            and sum(case when account_type = 'equity' then 1 else 0 end) > 0
            and sum(case when account_type in ('revenue', 'expense', 'equity') then 0 else 1 end) = 0
    ),

    -- What a candidate takes from an account.
    takings as (
        select
            result_postings.source_system,
            result_postings.journal_id,
            result_postings.account_id,
            result_postings.currency_code,
            result_postings.fiscal_year,
            candidates.posted_on,
            candidates.account_count,
            sum(result_postings.amount) as amount
        from result_postings
        inner join candidates
            on result_postings.source_system = candidates.source_system
            and result_postings.journal_id = candidates.journal_id
        group by
            result_postings.source_system,
            result_postings.journal_id,
            result_postings.account_id,
            result_postings.currency_code,
            result_postings.fiscal_year,
            candidates.posted_on,
            candidates.account_count
        having sum(result_postings.amount) <> 0
    ),

    daily as (
        select
            source_system,
            account_id,
            currency_code,
            fiscal_year,
            posted_on,
            sum(amount) as amount
        from result_postings
        group by
            source_system,
            account_id,
            currency_code,
            fiscal_year,
            posted_on
    ),

    balances as (
        select
            source_system,
            account_id,
            currency_code,
            posted_on,
            sum(amount) over (partition by source_system, account_id, currency_code, fiscal_year order by posted_on) as balance_amount
        from daily
    ),

    daily_results as (
        select
            source_system,
            currency_code,
            fiscal_year,
            posted_on,
            sum(amount) as amount
        from daily
        group by
            source_system,
            currency_code,
            fiscal_year,
            posted_on
    ),

    results as (
        select
            source_system,
            currency_code,
            posted_on,
            sum(amount) over (partition by source_system, currency_code, fiscal_year order by posted_on) as balance_amount
        from daily_results
    ),

    -- Against what the account holds with everything else of the day.
    compared as (
        select
            takings.*,
            balances.balance_amount - takings.amount as held_amount,
            results.balance_amount as result_amount,
            max(takings.account_count) over (partition by {{ same_account() }}) as largest_count,
            min(takings.amount) over (partition by {{ same_account() }}) < 0
            and max(takings.amount) over (partition by {{ same_account() }}) > 0 as is_turned_both_ways,
            min(takings.account_count) over (partition by {{ same_account() }}) as smallest_count
        from takings
        inner join balances
            on takings.source_system = balances.source_system
            and takings.account_id = balances.account_id
            and takings.currency_code = balances.currency_code
            and takings.posted_on = balances.posted_on
        inner join results
            on takings.source_system = results.source_system
            and takings.currency_code = results.currency_code
            and takings.posted_on = results.posted_on
    ),

    emptied as (
        select
            *,
            extract(month from {{ month_after(month_of('posted_on'), 1) }}) = {{ fiscal_year_starts_month() }} as is_year_end,
            (amount < 0 and held_amount > 0) or (amount > 0 and held_amount < 0) as is_lowered,
            (amount < 0 and held_amount > 0 and amount + held_amount <= 0)
            or (amount > 0 and held_amount < 0 and amount + held_amount >= 0) as is_emptied
        from compared
    ),

    repeated as (
        select
            *,
            min(case when is_emptied then posted_on end)
                over (partition by source_system, account_id, currency_code, fiscal_year) as first_emptied_on
        from emptied
    ),

    judged as (
        select
            source_system,
            journal_id,
            is_emptied
            and (
                result_amount = 0
                or (is_year_end and first_emptied_on = posted_on)
            )
            and (not is_turned_both_ways or (account_count = largest_count and smallest_count < largest_count)) as is_closing,
            is_year_end and is_lowered as is_like_closing
        from repeated
    ),

    final as (
        select
            source_system,
            journal_id,
            min(case when is_closing then 1 else 0 end) = 1 as is_closing
        from judged
        group by
            source_system,
            journal_id
        having
            min(case when is_closing then 1 else 0 end) = 1
            or min(case when is_like_closing then 1 else 0 end) = 1
    )

    select * from final
{%- endmacro %}


{#- What is one account on one day, among the takings of candidates. -#}
{% macro same_account() -%}
    takings.source_system, takings.account_id, takings.currency_code, takings.posted_on
{%- endmacro %}
