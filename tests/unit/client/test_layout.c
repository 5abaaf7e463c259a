/* The layout of every public struct: fields are only ever appended, so nothing here may ever
 * change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "client-lib/include/bihuan.h"
#include "client-lib/include/bihuan_field.h"
#include "client-lib/include/bihuan_offline.h"

/* On systems with 8-byte pointers. */
#define AT(type, field, offset)                                                  \
	_Static_assert(sizeof(void *) != 8 || offsetof(type, field) == (offset), \
		#type "." #field " has moved")
#define SIZE(type, bytes) \
	_Static_assert(sizeof(void *) != 8 || sizeof(type) >= (bytes), #type " has shrunk")

AT(bh_error, status, 0);
AT(bh_error, domain, 4);
AT(bh_error, detail, 8);
AT(bh_error, message, 16);
SIZE(bh_error, 256);

AT(bh_id, bytes, 0);
SIZE(bh_id, 16);

AT(bh_client_options, struct_size, 0);
AT(bh_client_options, drive, 4);
AT(bh_client_options, store_path, 8);
AT(bh_client_options, wake, 16);
AT(bh_client_options, wake_payload, 24);
AT(bh_client_options, log, 32);
AT(bh_client_options, log_payload, 40);
AT(bh_client_options, app_version, 48);
AT(bh_client_options, sync_once, 56);
AT(bh_client_options, reserved0, 60);
AT(bh_client_options, sign, 64);
AT(bh_client_options, sign_payload, 72);
AT(bh_client_options, app_key, 80);
AT(bh_client_options, sign_for, 88);
SIZE(bh_client_options, 96);

AT(bh_enrolment_input, struct_size, 0);
AT(bh_enrolment_input, port, 4);
AT(bh_enrolment_input, qr_payload, 8);
AT(bh_enrolment_input, host, 16);
AT(bh_enrolment_input, district, 24);
AT(bh_enrolment_input, code, 32);
AT(bh_enrolment_input, pin, 40);
AT(bh_enrolment_input, backup_pin, 48);
AT(bh_enrolment_input, device_model, 56);
AT(bh_enrolment_input, public_key, 64);
SIZE(bh_enrolment_input, 72);

AT(bh_status_view, struct_size, 0);
AT(bh_status_view, enrolled, 4);
AT(bh_status_view, cause, 8);
AT(bh_status_view, live, 12);
AT(bh_status_view, unsent_ops, 16);
AT(bh_status_view, unsent_bytes, 24);
AT(bh_status_view, oldest_unsent_at, 32);
AT(bh_status_view, last_contact_at, 40);
AT(bh_status_view, next_attempt_at, 48);
AT(bh_status_view, clock_skew_ms, 56);
AT(bh_status_view, clock_skew_known, 64);
AT(bh_status_view, device, 68);
AT(bh_status_view, refused_ops, 72);
AT(bh_status_view, unseen_closures, 80);
AT(bh_status_view, district_code, 88);
AT(bh_status_view, district_name, 152);
AT(bh_status_view, person_name, 280);
AT(bh_status_view, unsent_photos, 408);
AT(bh_status_view, unsent_photo_bytes, 416);
AT(bh_status_view, damaged_files, 424);
AT(bh_status_view, key_waits, 428);
AT(bh_status_view, bytes_up, 432);
AT(bh_status_view, bytes_down, 440);
AT(bh_status_view, photo_bytes_up, 448);
AT(bh_status_view, photo_bytes_down, 456);
AT(bh_status_view, attempts, 464);
AT(bh_status_view, sessions, 472);
AT(bh_status_view, wakeups, 480);
AT(bh_status_view, heartbeat_ms, 488);
AT(bh_status_view, open_cursors, 492);
AT(bh_status_view, public_key, 496);
AT(bh_status_view, clock_is_off, 529);
AT(bh_status_view, sealed, 532);
SIZE(bh_status_view, 536);

AT(bh_event, struct_size, 0);
AT(bh_event, type, 4);
AT(bh_event, case_number, 8);
AT(bh_event, sequence, 16);
AT(bh_event, cycle, 24);
AT(bh_event, verdict, 28);
SIZE(bh_event, 32);

AT(bh_report_input, struct_size, 0);
AT(bh_report_input, type, 4);
AT(bh_report_input, text, 8);
AT(bh_report_input, has_place, 16);
AT(bh_report_input, datum, 20);
AT(bh_report_input, latitude_deg, 24);
AT(bh_report_input, longitude_deg, 32);
AT(bh_report_input, accuracy_m, 40);
AT(bh_report_input, urgency, 48);
AT(bh_report_input, condition, 52);
AT(bh_report_input, captured_at, 56);
AT(bh_report_input, photos, 64);
AT(bh_report_input, photos_count, 72);
SIZE(bh_report_input, 80);

AT(bh_photo_input, struct_size, 0);
AT(bh_photo_input, metadata, 4);
AT(bh_photo_input, data, 8);
AT(bh_photo_input, size, 16);
AT(bh_photo_input, path, 24);
AT(bh_photo_input, thumbnail, 32);
AT(bh_photo_input, thumbnail_size, 40);
SIZE(bh_photo_input, 48);

AT(bh_photo_view, struct_size, 0);
AT(bh_photo_view, state, 4);
AT(bh_photo_view, hash, 8);
AT(bh_photo_view, own, 73);
AT(bh_photo_view, thumbnail, 74);
AT(bh_photo_view, here, 75);
AT(bh_photo_view, size, 76);
AT(bh_photo_view, verb, 80);
AT(bh_photo_view, cycle, 84);
AT(bh_photo_view, bytes_done, 88);
SIZE(bh_photo_view, 92);

AT(bh_bundle_view, struct_size, 0);
AT(bh_bundle_view, kind, 4);
AT(bh_bundle_view, ops, 8);
AT(bh_bundle_view, photos, 16);
AT(bh_bundle_view, photo_bytes, 24);
AT(bh_bundle_view, photos_left, 32);
AT(bh_bundle_view, file_bytes, 40);
AT(bh_bundle_view, since, 48);
AT(bh_bundle_view, reason, 56);
AT(bh_bundle_view, cargo, 84);
SIZE(bh_bundle_view, 88);

AT(bh_report_ref, struct_size, 0);
AT(bh_report_ref, reserved0, 4);
AT(bh_report_ref, case_number, 8);
AT(bh_report_ref, sequence, 16);
AT(bh_report_ref, id, 24);
AT(bh_report_ref, case_text, 40);
SIZE(bh_report_ref, 64);

AT(bh_act_input, struct_size, 0);
AT(bh_act_input, act, 4);
AT(bh_act_input, case_number, 8);
AT(bh_act_input, text, 16);
AT(bh_act_input, reason, 24);
AT(bh_act_input, task, 28);
AT(bh_act_input, captured_at, 32);
AT(bh_act_input, photos, 40);
AT(bh_act_input, photos_count, 48);
AT(bh_act_input, present, 56);
SIZE(bh_act_input, 64);

AT(bh_case_view, struct_size, 0);
AT(bh_case_view, state, 4);
AT(bh_case_view, case_number, 8);
AT(bh_case_view, own, 16);
AT(bh_case_view, known, 20);
AT(bh_case_view, cycle, 24);
AT(bh_case_view, type, 28);
AT(bh_case_view, condition, 32);
AT(bh_case_view, urgency, 36);
AT(bh_case_view, report_verdict, 40);
AT(bh_case_view, correctable, 44);
AT(bh_case_view, verdict_text, 48);
AT(bh_case_view, text, 56);
AT(bh_case_view, unit_name, 64);
AT(bh_case_view, unit_note, 72);
AT(bh_case_view, captured_at, 80);
AT(bh_case_view, received_at, 88);
AT(bh_case_view, dispatch_due_at, 96);
AT(bh_case_view, sign_due_at, 104);
AT(bh_case_view, disposal_due_at, 112);
AT(bh_case_view, unsent, 120);
AT(bh_case_view, automatic, 124);
AT(bh_case_view, has_place, 128);
AT(bh_case_view, datum, 132);
AT(bh_case_view, latitude_deg, 136);
AT(bh_case_view, longitude_deg, 144);
AT(bh_case_view, grid, 152);
AT(bh_case_view, closures_count, 156);
AT(bh_case_view, unseen_closures, 160);
AT(bh_case_view, reserved0, 164);
AT(bh_case_view, position, 168);
AT(bh_case_view, id, 176);
AT(bh_case_view, photos_count, 192);
AT(bh_case_view, author, 196);
AT(bh_case_view, claimed, 200);
AT(bh_case_view, tasks_count, 204);
SIZE(bh_case_view, 208);

AT(bh_task_view, struct_size, 0);
AT(bh_task_view, task, 4);
AT(bh_task_view, kind, 8);
AT(bh_task_view, own, 12);
AT(bh_task_view, answered, 16);
AT(bh_task_view, reserved0, 20);
AT(bh_task_view, made_at, 24);
AT(bh_task_view, due_at, 32);
AT(bh_task_view, text, 40);
SIZE(bh_task_view, 48);

AT(bh_due_view, struct_size, 0);
AT(bh_due_view, light, 4);
AT(bh_due_view, due_at, 8);
AT(bh_due_view, yellow_at, 16);
AT(bh_due_view, left_ms, 24);
AT(bh_due_view, left_work_ms, 32);
AT(bh_due_view, works, 40);
AT(bh_due_view, calendar, 44);
SIZE(bh_due_view, 48);

AT(bh_repeat_view, struct_size, 0);
AT(bh_repeat_view, grid, 4);
AT(bh_repeat_view, cases, 8);
AT(bh_repeat_view, days, 12);
AT(bh_repeat_view, has_place, 16);
AT(bh_repeat_view, reserved0, 20);
AT(bh_repeat_view, latitude_deg, 24);
AT(bh_repeat_view, longitude_deg, 32);
AT(bh_repeat_view, last_at, 40);
AT(bh_repeat_view, asset, 48);
AT(bh_repeat_view, reserved1, 68);
SIZE(bh_repeat_view, 72);

AT(bh_emergency_view, struct_size, 0);
AT(bh_emergency_view, life, 4);
AT(bh_emergency_view, numbers_count, 8);
AT(bh_emergency_view, sms_characters, 12);
AT(bh_emergency_view, numbers, 16);
AT(bh_emergency_view, sms, 48);
SIZE(bh_emergency_view, 304);

AT(bh_closure_view, struct_size, 0);
AT(bh_closure_view, cycle, 4);
AT(bh_closure_view, kind, 8);
AT(bh_closure_view, automatic, 12);
AT(bh_closure_view, closed_at, 16);
AT(bh_closure_view, result, 24);
AT(bh_closure_view, unit_name, 32);
AT(bh_closure_view, delivered, 40);
AT(bh_closure_view, seen, 44);
SIZE(bh_closure_view, 48);

AT(bh_op_view, struct_size, 0);
AT(bh_op_view, verdict, 4);
AT(bh_op_view, sequence, 8);
AT(bh_op_view, case_number, 16);
AT(bh_op_view, verb, 24);
AT(bh_op_view, correctable, 28);
AT(bh_op_view, met_state, 32);
AT(bh_op_view, reason, 36);
AT(bh_op_view, captured_at, 40);
AT(bh_op_view, recorded_at, 48);
AT(bh_op_view, acknowledged_at, 56);
AT(bh_op_view, verdict_text, 64);
AT(bh_op_view, verb_name, 72);
AT(bh_op_view, id, 80);
AT(bh_op_view, author, 96);
AT(bh_op_view, claimed, 100);
SIZE(bh_op_view, 104);
AT(bh_author_view, struct_size, 0);
AT(bh_author_view, person, 4);
AT(bh_author_view, chosen, 8);
AT(bh_author_view, unlocked, 12);
AT(bh_author_view, name, 16);
AT(bh_author_view, reserved0, 137);
SIZE(bh_author_view, 144);

AT(bh_type_view, struct_size, 0);
AT(bh_type_view, code, 4);
AT(bh_type_view, name, 8);
AT(bh_type_view, event_class, 16);
AT(bh_type_view, urgency, 20);
AT(bh_type_view, conditions_count, 24);
AT(bh_type_view, photos_min, 28);
AT(bh_type_view, dispute, 32);
AT(bh_type_view, privacy, 36);
SIZE(bh_type_view, 40);

AT(bh_grid_view, struct_size, 0);
AT(bh_grid_view, grid, 4);
AT(bh_grid_view, code, 8);
AT(bh_grid_view, name, 132);
SIZE(bh_grid_view, 256);

AT(bh_service_input, struct_size, 0);
AT(bh_service_input, kind, 4);
AT(bh_service_input, text, 8);
AT(bh_service_input, grid, 16);
AT(bh_service_input, has_place, 20);
AT(bh_service_input, latitude_deg, 24);
AT(bh_service_input, longitude_deg, 32);
AT(bh_service_input, accuracy_m, 40);
AT(bh_service_input, datum, 48);
AT(bh_service_input, reserved0, 52);
AT(bh_service_input, captured_at, 56);
SIZE(bh_service_input, 64);

AT(bh_patrol_view, struct_size, 0);
AT(bh_patrol_view, plan, 4);
AT(bh_patrol_view, grid, 8);
AT(bh_patrol_view, checkpoints_count, 12);
AT(bh_patrol_view, rounds_today, 16);
AT(bh_patrol_view, finished_today, 20);
AT(bh_patrol_view, confirmed, 24);
AT(bh_patrol_view, skipped, 28);
AT(bh_patrol_view, started_at, 32);
AT(bh_patrol_view, code, 40);
AT(bh_patrol_view, name, 164);
SIZE(bh_patrol_view, 288);

AT(bh_checkpoint_view, struct_size, 0);
AT(bh_checkpoint_view, state, 4);
AT(bh_checkpoint_view, has_place, 8);
AT(bh_checkpoint_view, radius_m, 12);
AT(bh_checkpoint_view, latitude_deg, 16);
AT(bh_checkpoint_view, longitude_deg, 24);
AT(bh_checkpoint_view, name, 32);
AT(bh_checkpoint_view, reason, 156);
SIZE(bh_checkpoint_view, 280);

AT(bh_checkpoint_input, struct_size, 0);
AT(bh_checkpoint_input, state, 4);
AT(bh_checkpoint_input, reason, 8);
AT(bh_checkpoint_input, has_place, 16);
AT(bh_checkpoint_input, reserved0, 20);
AT(bh_checkpoint_input, latitude_deg, 24);
AT(bh_checkpoint_input, longitude_deg, 32);
AT(bh_checkpoint_input, accuracy_m, 40);
SIZE(bh_checkpoint_input, 48);

static void test_layout__first_version_of_every_struct_is_kept(void **state)
{
	(void)state;
	assert_int_equal(offsetof(bh_client_options, struct_size), 0);
	assert_int_equal(sizeof(bh_id), 16);
	assert_int_equal(sizeof(bh_error), 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout__first_version_of_every_struct_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
