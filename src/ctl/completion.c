/* SPDX-License-Identifier: ISC
 *
 * ticketctl completion SHELL: a completion for bash, zsh or fish, made from the table of verbs, so that it knows what the program
 * knows. Case numbers come from `ticketctl list` while one types.
 */
#include "completion.h"
#include "ticketd/base.h"
#include "ticketd/verb.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define CASES "ticketctl list --columns case 2>/dev/null | tail -n +2"
#define STATES "new assigned progress waiting resolved closed"

static const char *const own_options[] = { "config", "json", "quiet", "help", "version", "socket", "state-directory", "key-file" };

/* Between single quotes. */
static void
quoted(const char *s, const char *quote)
{
    for (; *s != '\0'; s++) {
        if (*s == '\'')
            fputs(quote, stdout);
        else
            putchar(*s);
    }
}

static bool
takes_case(const struct verb *v)
{
    struct verb_operand o;
    const char *at = v->operands;
    return verb_operand_next(&at, &o) && o.is == VALUE_CASE;
}

static bool
takes_file(const struct verb *v)
{
    struct verb_operand o;
    for (const char *at = v->operands; verb_operand_next(&at, &o);)
        if (o.is == VALUE_FILE || o.is == VALUE_FOLDER)
            return true;
    return false;
}

/* ---- bash */

static void
bash_options(const struct verb *v)
{
    for (size_t i = 0; i < verb_options_n; i++)
        if (verb_takes(v, verb_options[i].name))
            printf(" --%s", verb_options[i].name);
    for (size_t i = 0; i < countof(own_options); i++)
        printf(" --%s", own_options[i]);
}

static void
bash(void)
{
    puts("# bash completion for ticketctl(8), made by `ticketctl completion bash`\n_ticketctl()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= at=0 i\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in");
    fputs("        -c|--config|--socket|--state-directory|--key-file", stdout);
    for (size_t i = 0; i < verb_options_n; i++)
        if (verb_options[i].value != NULL)
            printf("|--%s", verb_options[i].name);
    puts(") ((i++)) ;;\n        -*) ;;\n        *) [[ -z $verb ]] && { verb=${COMP_WORDS[i]}; at=$i; } ;;\n        esac\n    done\n    COMPREPLY=()\n    case $prev in");
    puts("    --state) COMPREPLY=($(compgen -W '" STATES "' -- \"$cur\")); return ;;");
    puts("    -c|--config|--socket|--key-file|--html) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;");
    puts("    --state-directory) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n    esac");
    fputs("    if [[ -z $verb ]]; then\n        COMPREPLY=($(compgen -W '", stdout);
    for (size_t i = 0; i < verbs_n; i++)
        printf("%s ", verbs[i].name);
    for (size_t i = 0; i < countof(own_options); i++)
        printf(" --%s", own_options[i]);
    puts("' -- \"$cur\"))\n        return\n    fi\n    case $verb in");
    for (size_t i = 0; i < verbs_n; i++) {
        printf("    %s)\n", verbs[i].name);
        if (verbs[i].options != NULL) {
            fputs("        [[ $cur == -* ]] && { COMPREPLY=($(compgen -W '", stdout);
            bash_options(&verbs[i]);
            puts("' -- \"$cur\")); return; }");
        }
        if (takes_case(&verbs[i]))
            puts("        ((COMP_CWORD == at + 1)) && COMPREPLY=($(compgen -W \"$(" CASES ")\" -- \"${cur^^}\"))");
        else if (takes_file(&verbs[i]))
            puts("        COMPREPLY=($(compgen -f -- \"$cur\"))");
        puts("        ;;");
    }
    puts("    esac\n}\ncomplete -F _ticketctl ticketctl");
}

/* ---- zsh */

static void
zsh(void)
{
    puts("#compdef ticketctl\n# zsh completion for ticketctl(8), made by `ticketctl completion zsh`\n"
         "_ticketctl_cases() { local -a cases; cases=(${(f)\"$(" CASES ")\"}); compadd -a cases }\n_ticketctl() {\n    local -a verbs\n    verbs=(");
    for (size_t i = 0; i < verbs_n; i++) {
        printf("        '%s:", verbs[i].name);
        quoted(verbs[i].help, "'\\''");
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n        _describe -t verbs verb verbs\n        return\n    fi\n    case $words[2] in");
    for (size_t i = 0; i < verbs_n; i++) {
        if (verbs[i].options == NULL) {
            printf("    %s) _files ;;\n", verbs[i].name);
            continue;
        }
        printf("    %s) _arguments", verbs[i].name);
        for (size_t k = 0; k < verb_options_n; k++) {
            const struct verb_option *o = &verb_options[k];
            if (!verb_takes(&verbs[i], o->name))
                continue;
            printf(" '--%s[", o->name);
            quoted(o->help, "'\\''");
            fputs(o->value == NULL ? "]'" : o->is == VALUE_STATE ? "]:state:(" STATES ")'" : o->is == VALUE_FILE ? "]:file:_files'" : "]:value: '", stdout);
        }
        puts(takes_case(&verbs[i]) ? " '2:case:_ticketctl_cases' ;;" : takes_file(&verbs[i]) ? " '*:file:_files' ;;" : " '*: :' ;;");
    }
    puts("    esac\n}\n_ticketctl \"$@\"");
}

/* ---- fish */

static void
fish(void)
{
    puts("# fish completion for ticketctl(8), made by `ticketctl completion fish`\ncomplete -c ticketctl -f");
    for (size_t i = 0; i < verbs_n; i++) {
        const struct verb *v = &verbs[i];
        printf("complete -c ticketctl -n __fish_use_subcommand -a %s -d '", v->name);
        quoted(v->help, "\\'");
        puts("'");
        for (size_t k = 0; k < verb_options_n; k++) {
            if (!verb_takes(v, verb_options[k].name))
                continue;
            printf("complete -c ticketctl -n '__fish_seen_subcommand_from %s' -l %s -d '", v->name, verb_options[k].name);
            quoted(verb_options[k].help, "\\'");
            puts(verb_options[k].value == NULL ? "'" : verb_options[k].is == VALUE_STATE ? "' -x -a '" STATES "'" : verb_options[k].is == VALUE_FILE ? "' -r -F" : "' -x");
        }
        if (takes_case(v))
            printf("complete -c ticketctl -n '__fish_seen_subcommand_from %s' -a '(" CASES ")'\n", v->name);
        else if (takes_file(v))
            printf("complete -c ticketctl -n '__fish_seen_subcommand_from %s' -F\n", v->name);
    }
}

int
completion_main(int argc, char **argv)
{
    static const struct { const char *name; void (*print)(void); } shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
    for (size_t i = 0; argc == 2 && i < countof(shells); i++)
        if (strcmp(shells[i].name, argv[1]) == 0) {
            shells[i].print();
            return 0;
        }
    fputs("usage: ticketctl completion bash|zsh|fish\n", stderr);
    return EX_USAGE;
}
