/* Somebody who talks off the record with libotr, driven line by line.
 *
 * Arguments: the versions allowed ("2" or "23"), the longest message in bytes (0: any).
 * Standard input: a command and its arguments, each in hexadecimal ("-" is empty):
 *   receive BODY | start | send TEXT | compare SECRET [QUESTION] | answer SECRET | abort | end
 * Standard output: what happens, one line each, the last of them "done" and the state:
 *   key FINGERPRINT | out BODY | text BODY | secure FINGERPRINT | finished | event NUMBER | error TEXT
 *   asked QUESTION | same | different | aborted | broken
 *
 * Build: cc -o peer libotr_peer.c -lotr -lgcrypt
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libotr/proto.h>
#include <libotr/privkey.h>
#include <libotr/message.h> /* needs the first */

#define ACCOUNT "peer@example.org"
#define PROTOCOL "prpl-jabber"
#define OTHER "sat@example.org"

static OtrlUserState state;
static OtrlPolicy versions;
static int longest;

static void tell(const char *what, const char *data)
{
    const unsigned char *at;

    printf("%s ", what);
    for (at = (const unsigned char *)data; at != NULL && *at != '\0'; at++)
        printf("%02x", *at);
    putchar('\n');
}

static void tell_fingerprint(const char *what, const unsigned char *fingerprint)
{
    int at;

    printf("%s ", what);
    for (at = 0; at < 20; at++)
        printf("%02x", fingerprint[at]);
    putchar('\n');
}

static char *from_hex(const char *hex)
{
    size_t size = hex == NULL || hex[0] == '-' ? 0 : strlen(hex) / 2, at;
    char *data = calloc(size + 1, 1);
    unsigned int value;

    for (at = 0; data != NULL && at < size; at++) {
        sscanf(hex + 2 * at, "%2x", &value);
        data[at] = (char)value;
    }
    return data;
}

/* -- what libotr asks its program ---------------------------------------------------------------------------------- */

static OtrlPolicy policy(void *data, ConnContext *context)
{
    return versions;
}

static int is_logged_in(void *data, const char *account, const char *protocol, const char *recipient)
{
    return 1;
}

static void inject_message(void *data, const char *account, const char *protocol, const char *recipient,
                           const char *message)
{
    tell("out", message);
}

static void gone_secure(void *data, ConnContext *context)
{
    tell_fingerprint("secure", context->active_fingerprint->fingerprint);
}

static void still_secure(void *data, ConnContext *context, int is_reply)
{
    gone_secure(data, context);
}

static void gone_insecure(void *data, ConnContext *context)
{
}

static int max_message_size(void *data, ConnContext *context)
{
    return longest;
}

static const char *error_message(void *data, ConnContext *context, OtrlErrorCode code)
{
    return "libotr cannot read this";
}

static void free_error_message(void *data, const char *message)
{
}

static void handle_message_event(void *data, OtrlMessageEvent event, ConnContext *context, const char *message,
                                 gcry_error_t error)
{
    if (event == OTRL_MSGEVENT_RCVDMSG_GENERAL_ERR)
        tell("error", message);
    else if (event != OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD && event != OTRL_MSGEVENT_LOG_HEARTBEAT_SENT)
        printf("event %d\n", (int)event);
}

static void handle_comparison(void *data, OtrlSMPEvent event, ConnContext *context, unsigned short progress,
                              char *question)
{
    switch (event) {
    case OTRL_SMPEVENT_ASK_FOR_SECRET:
    case OTRL_SMPEVENT_ASK_FOR_ANSWER:
        tell("asked", question);
        break;
    case OTRL_SMPEVENT_SUCCESS:
        puts("same");
        break;
    case OTRL_SMPEVENT_FAILURE:
        puts("different");
        break;
    case OTRL_SMPEVENT_ABORT:
        puts("aborted");
        break;
    case OTRL_SMPEVENT_CHEATED:
    case OTRL_SMPEVENT_ERROR:
        puts("broken");
        break;
    default:
        break;
    }
}

static void create_instag(void *data, const char *account, const char *protocol)
{
    FILE *nowhere = tmpfile();

    if (nowhere != NULL) {
        otrl_instag_generate_FILEp(state, nowhere, account, protocol);
        fclose(nowhere);
    }
}

static OtrlMessageAppOps ops = {
    .policy = policy,
    .is_logged_in = is_logged_in,
    .inject_message = inject_message,
    .gone_secure = gone_secure,
    .still_secure = still_secure,
    .gone_insecure = gone_insecure,
    .max_message_size = max_message_size,
    .otr_error_message = error_message,
    .otr_error_message_free = free_error_message,
    .handle_smp_event = handle_comparison,
    .handle_msg_event = handle_message_event,
    .create_instag = create_instag,
};

/* -- commands -------------------------------------------------------------------------------------------------------- */

static ConnContext *conversation(void)
{
    return otrl_context_find(state, OTHER, ACCOUNT, PROTOCOL, OTRL_INSTAG_BEST, 1, NULL, NULL, NULL);
}

static void receive(const char *body)
{
    char *text = NULL;
    OtrlTLV *records = NULL;

    if (!otrl_message_receiving(state, &ops, NULL, ACCOUNT, PROTOCOL, OTHER, body, &text, &records, NULL, NULL, NULL))
        tell("text", text != NULL ? text : body);
    if (otrl_tlv_find(records, OTRL_TLV_DISCONNECTED) != NULL)
        puts("finished");
    otrl_tlv_free(records);
    otrl_message_free(text);
}

static void send_text(const char *text)
{
    char *message = NULL;

    if (otrl_message_sending(state, &ops, NULL, ACCOUNT, PROTOCOL, OTHER, OTRL_INSTAG_BEST, text, NULL, &message,
                             OTRL_FRAGMENT_SEND_ALL, NULL, NULL, NULL) != 0)
        puts("broken");
    otrl_message_free(message);
}

static void compare(const char *secret, const char *question)
{
    const unsigned char *data = (const unsigned char *)secret;

    if (question[0] != '\0')
        otrl_message_initiate_smp_q(state, &ops, NULL, conversation(), question, data, strlen(secret));
    else
        otrl_message_initiate_smp(state, &ops, NULL, conversation(), data, strlen(secret));
}

static void obey(const char *command, const char *first, const char *second)
{
    if (strcmp(command, "receive") == 0)
        receive(first);
    else if (strcmp(command, "start") == 0)
        tell("out", (versions & OTRL_POLICY_ALLOW_V3) ? "?OTRv23?" : "?OTRv2?");
    else if (strcmp(command, "send") == 0)
        send_text(first);
    else if (strcmp(command, "compare") == 0)
        compare(first, second);
    else if (strcmp(command, "answer") == 0)
        otrl_message_respond_smp(state, &ops, NULL, conversation(), (const unsigned char *)first, strlen(first));
    else if (strcmp(command, "abort") == 0)
        otrl_message_abort_smp(state, &ops, NULL, conversation());
    else if (strcmp(command, "end") == 0)
        otrl_message_disconnect_all_instances(state, &ops, NULL, ACCOUNT, PROTOCOL, OTHER);
    else
        puts("broken");
}

static const char *state_name(void)
{
    switch (conversation()->msgstate) {
    case OTRL_MSGSTATE_ENCRYPTED:
        return "encrypted";
    case OTRL_MSGSTATE_FINISHED:
        return "finished";
    default:
        return "plain";
    }
}

int main(int count, char **arguments)
{
    char *line = NULL;
    size_t room = 0;
    unsigned char fingerprint[20];
    FILE *nowhere = tmpfile();

    if (count != 3 || nowhere == NULL)
        return 2;
    versions = OTRL_POLICY_ALLOW_V2;
    if (strchr(arguments[1], '3') != NULL)
        versions |= OTRL_POLICY_ALLOW_V3;
    longest = atoi(arguments[2]);
    OTRL_INIT;
    gcry_control(GCRYCTL_ENABLE_QUICK_RANDOM, 0); /* the key lives for a test only */
    state = otrl_userstate_create();
    if (otrl_privkey_generate_FILEp(state, nowhere, ACCOUNT, PROTOCOL) != 0)
        return 1;
    otrl_privkey_fingerprint_raw(state, fingerprint, ACCOUNT, PROTOCOL);
    tell_fingerprint("key", fingerprint);
    printf("done plain\n");
    fflush(stdout);
    while (getline(&line, &room, stdin) > 0) {
        const char *command = strtok(line, " \n");
        char *first = from_hex(strtok(NULL, " \n"));
        char *second = from_hex(strtok(NULL, " \n"));

        obey(command != NULL ? command : "", first, second);
        free(first);
        free(second);
        printf("done %s\n", state_name());
        fflush(stdout);
    }
    otrl_userstate_free(state);
    return 0;
}
