// What the processor that all of this is built for can do, and the library's convolutions therefore do well.
#include "common.h"

SOAT_EXPORT int soat_multiplies_bfloat16() {
#ifdef __AVX512BF16__
    return 1;
#else
    return 0;
#endif
}
