/* check_report.c - see check_report.h. Each case is out when it is known: some
 * take seconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_report.h"

#include "wrap.h"

#define INDENT "        "

static const char *protection(const struct check_target *target)
{
    if (target->tls == NULL)
        return "in the clear";
    if (target->tls->unverified || target->tls->roots.len == 0)
        return "over TLS, unverified";
    return "over TLS";
}

void check_report_begin(struct check_report *report,
                        const struct check_run *run, unsigned cases)
{
    if (report->tap)
        (void)printf("1..%u\n# ", cases);
    (void)printf("%s, %s; devices %04X and %04X\n", run->target.address.text,
                 protection(&run->target), run->names.device[0],
                 run->names.device[1]);
    (void)fflush(stdout);
}

/* --- details ---------------------------------------------------------------
 */

/* A line of what was seen, behind its label. */
static void print_seen(const struct check_report *report, const char *label,
                       const char *text)
{
    if (report->tap)
        (void)printf("#   %-5s %s\n", label, text);
    else
        (void)printf(INDENT "%-5s %s\n", label, text);
}

static void print_words(const struct check_report *report, const char *text)
{
    if (report->tap)
        wrap_print(stdout, "# ", "# ", text);
    else
        wrap_print(stdout, INDENT, INDENT, text);
}

static void print_failure(const struct check_report *report,
                          const struct check_result *result)
{
    char how_many[96];

    if (result->ways > 1 && result->failed > 0) {
        (void)snprintf(how_many, sizeof how_many,
                       "%zu of %zu ways that were tried have failed; the "
                       "first:",
                       result->failed, result->ways);
        print_words(report, how_many);
    }
    if (result->sent[0] != '\0') {
        print_seen(report, "sent", result->sent);
        print_seen(report, "want", result->want);
        print_seen(report, "got", result->got);
    }
    print_words(report, result->sentence);
    print_words(report, result->means);
}

/* --- a case ----------------------------------------------------------------
 */

static void print_tap(const struct check_report *report,
                      const struct check_case *check,
                      const struct check_result *result)
{
    (void)printf("%sok %u - %s: %s",
                 result->status == CHECK_FAILED ? "not " : "", report->number,
                 report->section, check->name);
    if (result->status == CHECK_SKIPPED)
        (void)printf(" # SKIP %s", result->note);
    (void)putchar('\n');
    if (result->status == CHECK_OK && result->note[0] != '\0')
        (void)printf("# %s\n", result->note);
}

static void print_line(const struct check_case *check,
                       const struct check_result *result)
{
    static const char *const marks[] = {[CHECK_OK] = "  ok    ",
                                        [CHECK_FAILED] = "  FAIL  ",
                                        [CHECK_SKIPPED] = "  skip  "};

    wrap_print(stdout, marks[result->status], INDENT, check->name);
    if (result->status != CHECK_FAILED && result->note[0] != '\0')
        wrap_print(stdout, INDENT, INDENT, result->note);
}

static void count(struct check_report *report,
                  const struct check_result *result)
{
    report->number++;
    report->ok += result->status == CHECK_OK;
    report->failed += result->status == CHECK_FAILED;
    report->skipped += result->status == CHECK_SKIPPED;
}

void check_report_case(struct check_report *report,
                       const struct check_case *check,
                       const struct check_result *result)
{
    count(report, result);
    if (check->section != NULL) {
        report->section = check->section;
        if (!report->tap)
            (void)printf("\n%s\n", check->section);
    }
    if (report->tap)
        print_tap(report, check, result);
    else
        print_line(check, result);
    if (result->status == CHECK_FAILED)
        print_failure(report, result);
    (void)fflush(stdout);
}

void check_report_end(const struct check_report *report)
{
    if (report->tap)
        return;
    (void)printf("\n%u hold, %u %s, %u skipped: ", report->ok, report->failed,
                 report->failed == 1 ? "fails" : "fail", report->skipped);
    if (report->failed == 0)
        (void)printf("this is a WWEP server.\n");
    else
        (void)printf("mend the first failure first; the rest may follow.\n");
}

void check_report_bail_out(const struct check_report *report, const char *why)
{
    if (report->tap)
        (void)printf("Bail out! %s\n", why);
}
