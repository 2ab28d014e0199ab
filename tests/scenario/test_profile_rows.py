# SPDX-License-Identifier: ISC
"""Every row of the policies that the profiles stand for, and what carries it: the scenarios of the profile that fail without the rule or
setting (they are played with it taken out), or the reason why no setting can. The rows of section 6, what mail does in the place of a
portal or a telephone, name the file and function that show them."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

ROWS = {
    "erp_se": {
        "ways in": ["way_in_suitable_by_subject_available_by_calendar"],
        "dedicated consultant": ["dedicated_consultant"],
        "what a good request holds": ["asked_once_and_only_for_what_is_missing"],
        "tracking": "no setting of the profile: every letter of every desk has the two links, see test_staff_links.py; arranged by the consultant means: given with the case",
        "hours (first line)": ["hours_of_the_first_line"],
        "targets": ["assignment_within_4_working_hours_is_the_beginning_of_work", "routing_by_a_rule_is_not_yet_assignment", "resolution_first_line_2_working_days_from_assignment",
                    "resolution_second_line_10_working_days", "moved_to_the_second_line_keeps_its_start"],
        "no guarantee": ["a_letter_names_a_target_and_no_guarantee"],
        "order of work": ["first_come_first_served_whatever_the_size_time_critical_first"],
        "time-critical kinds": ["critical_system_down_or_any_access", "critical_customer_orders", "critical_webshop_and_payment", "critical_shipping_and_packing_documents",
                                "critical_month_end_closing", "critical_point_of_sale"],
        "escalation": ["escalation_goes_inside_at_once", "escalation_accepted_is_the_highest_priority", "the_notice_on_overtime_stands_wherever_escalation_is_offered",
                       "escalation_that_nobody_reacts_to_is_itself_escalated"],
        "limits": ["limits_are_said_and_the_case_can_wait_for_a_third_party"],
    },
    "workforce_se": {
        "ways in": ["registered_in_writing_in_the_customers_words_at_any_hour"],
        "hours": ["hours_with_lunch", "weekday_before_a_public_holiday_is_a_half_day", "bridge_days_are_closed", "midsummer_christmas_and_new_years_eve",
                  "deviations_are_announced_in_acknowledgements"],
        "start of work": ["start_of_work_within_two_hours"],
        "resolution": ["no_target_for_the_resolution"],
        "notification": ["notification_both_ways"],
        "overview": ["overview_of_own_cases_in_every_letter"],
        "who may ask": ["who_may_ask"],
        "lines": ["lines", "the_first_line_hears_of_each_step_of_what_others_work_on"],
        "path of a case": ["path_suspected_bug_not_reproducible_asks_for_more", "path_urgent_bug_third_line_others_product_owner"],
        "hand-over": ["hand_over_is_told_with_how_it_goes_on"],
        "deep troubleshooting": ["deep_troubleshooting"],
        "closing": ["only_the_customers_request_closes"],
        "add-on services": ["add_on_services"],
    },
    "odoo_flow": {
        "kinds": ["the_customer_may_choose_the_kind", "not_urgent_is_not_urgent", "staff_change_the_kind_and_the_time_with_it"],
        "assignment": ["question_3_business_days", "urgent_1_business_hour", "server_4_hours", "issue_with_error_1_day", "issue_without_error_2_days",
                       "working_days_and_belgian_holidays"],
        "project manager": ["dedicated_project_manager", "the_customer_is_mailed_that_work_has_begun"],
        "states": ["states", "no_task_without_a_code_change"],
        "estimate": ["estimate_is_approved_before_it_is_planned", "silence_does_not_close_an_estimate", "top_priority_starts_at_once_and_bypasses_the_queue"],
        "order of work": ["first_in_first_out", "the_developer_specialised_in_that_app"],
        "inside test": "work of people before they write to the customer: nothing of it passes through mail but the notes that they take",
        "feedback": ["feedback_ok_may_be_released_and_closes_nothing", "feedback_not_ok_goes_back", "no_feedback_within_3_business_days_closes"],
        "release": ["told_when_the_fix_is_live_then_done"],
        "documentation": ["documentation_reminder_on_closing"],
    },
    "dynamics_uk": {
        "number": ["a_unique_number_mailed_to_who_logged_it_with_a_link_back"],
        "on the case": ["everything_belongs_to_the_case_attachments_too", "a_second_mail_on_the_same_matter_is_merged"],
        "statuses": ["each_status_has_a_meaning_told_when_it_changes"],
        "priority": ["rules_propose_and_staff_decide", "the_customers_own_urgent_does_not_decide", "the_targets_that_follow_are_told"],
        "calls": ["calls_are_logged_and_are_not_the_first_response", "asking_for_the_status_is_always_welcome", "response_is_the_first_relay_at_the_arrival_of_the_staff_mail"],
        "promise": "no setting: the letters of every desk say what is aimed for and promise nothing, see test_letters_words.py",
        "critical": ["critical_response_1_hour", "critical_interim_1_working_day", "critical_permanent_1_month", "critical_escalates_to_director_level"],
        "urgent": ["urgent_response_1_hour", "urgent_interim_2_working_days", "urgent_permanent_one_and_a_half_months", "urgent_escalates_to_director_level"],
        "important": ["important_response_2_hours", "important_interim_2_working_days", "important_permanent_2_months",
                      "important_escalates_to_helpdesk_manager_and_primary_contact"],
        "standard": ["standard_response_4_hours", "standard_interim_5_working_days", "standard_permanent_3_months",
                     "standard_escalates_to_helpdesk_manager_and_primary_contact"],
    },
    "integration_dk": {
        "ways in": ["ways_in_in_writing_with_examples", "letters_are_danish"],
        "telephone": ["telephone_is_billed_and_opened_by_staff", "staff_find_a_case_by_number_or_address"],
        "trial customers": ["trial_customers_are_asked_to_read_the_help_first"],
        "self-help": ["self_help_stands_in_the_acknowledgement_of_such_a_mail"],
        "answer time": ["answer_within_1_to_3_working_days", "store_bededag_is_none"],
        "order of work": ["order_received_and_haster_raises_nothing"],
        "answer to an error": ["answer_to_an_error_is_a_description"],
        "2nd line": ["second_line_expect_a_longer_answer_time", "a_reply_stays_on_the_case"],
        "scope": ["scope_only_how_to_set_up_one_system_is_referred"],
        "own responsibility": ["own_responsibility_is_pointed_out"],
        "resold customers": ["resold_customers_are_referred_to_their_dealer"],
    },
}
BY_MAIL = {
    "escalation": [("profile_erp_se", "escalation_goes_inside_at_once"), ("staff_links", "kind_and_escalation")],
    "status and overview": [("staff_links", "status_and_own_cases")],
    "survey, OK / NOT OK, closing on request": [("staff_links", "rating"), ("staff_links", "close_reopen_and_second_taps"), ("profile_odoo_flow", "feedback_not_ok_goes_back")],
    "kinds chosen on a form": [("staff_links", "kind_and_escalation"), ("letters_words", "kinds_are_offered_with_links")],
    "fields": [("profile_erp_se", "asked_once_and_only_for_what_is_missing"), ("profile_odoo_flow", "the_developer_specialised_in_that_app")],
    "order of work": [("profile_erp_se", "first_come_first_served_whatever_the_size_time_critical_first")],
    "prepared letters": [("profile_workforce_se", "deep_troubleshooting")],
    "watching": [("profile_workforce_se", "the_first_line_hears_of_each_step_of_what_others_work_on")],
}


def functions(module):
    with open(os.path.join(HERE, "test_%s.py" % module), encoding="utf-8") as f:
        return set(re.findall(r"(?m)^def test_(\w+)\(t\):", f.read()))


def test_every_row_is_carried_or_has_its_reason(t):
    for profile, rows in ROWS.items():
        there, named = functions("profile_" + profile), set()
        for row, by in rows.items():
            if isinstance(by, str):
                assert len(by.split()) > 7, "%s, %s: a reason" % (profile, row)
                continue
            missing = set(by) - there
            assert by and not missing, "%s, %s: there is no scenario %s" % (profile, row, missing)
            named |= set(by)
        assert named == there, "%s: scenarios of no row: %s" % (profile, there - named)


def test_rows_by_mail_have_their_scenario(t):
    for row, by in BY_MAIL.items():
        for module, name in by:
            assert name in functions(module), "%s: there is no %s in test_%s.py" % (row, name, module)


def test_the_rows_are_those_of_the_policies(t):
    """Against the published rows, where they are at hand."""
    path = os.path.join(HERE, "../../../shared/POLICIES.md")
    if not os.path.exists(path):
        t.skip("the policies are not here")
    with open(path, encoding="utf-8") as f:
        sections = re.split(r"(?m)^## \d+\. ", f.read())[1:]
    for (profile, rows), section in zip(list(ROWS.items()) + [("by mail", BY_MAIL)], sections):
        found = [m.lower() for m in re.findall(r"(?m)^\| ([^|]+?) \|", section) if m.lower() not in ("topic", "priority") or (m == "priority" and "categorisation" in section)]
        found = {m for m in found if not m.startswith("--")}
        assert found == {r.lower() for r in rows}, (profile, found ^ {r.lower() for r in rows})
