/* SPDX-License-Identifier: ISC
 *
 * The trace between recorder and replayer: records in the order in which the calls came back, each this head and its bytes.
 */
#ifndef TICKETD_TEST_POWER_TRACE_H
#define TICKETD_TEST_POWER_TRACE_H

#include <stdint.h>

enum trace_what {
    TRACE_WRITE = 1,                    /* bytes at offset; on the disk after the next sync of the file */
    TRACE_WRITE_SYNC,                   /* through a descriptor with O_DSYNC: on the disk when the call is back */
    TRACE_SYNC,
    TRACE_SIZE,                         /* ftruncate to offset */
    TRACE_RENAME,                       /* file to the file in `to` */
};
enum trace_file { TRACE_DATA, TRACE_KEYS, TRACE_KEYS_NEW, TRACE_FILES };
struct trace_head { uint32_t what, file, to, len; uint64_t offset; };

#endif
