"""What the services share.

A process holds half a million objects for its whole life, most of them made while its code is
read. The garbage collector looks for waste after every 700 new objects unless it is told
otherwise: that was a tenth of the processor time of every start.
"""

import gc

gc.set_threshold(10_000, 20, 20)
