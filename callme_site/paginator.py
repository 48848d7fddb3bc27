"""Pages of tables that only grow."""

from functools import cached_property

from django.core.paginator import Paginator

COUNTED_AT_MOST = 5000


class CappedPaginator(Paginator):
    """A paginator that stops counting at 5,000 rows: nobody pages further, and counting a history takes seconds."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED_AT_MOST].count()
