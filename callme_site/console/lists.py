"""The lists of the console: what the admins of all apps share."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest
from django.utils.translation import override

from callme_site.console.columns import Column, placed
from callme_site.console.figures import RowFigures, figures_for
from callme_site.console.links import Link, links_for
from callme_site.console.paginator import CappedPaginator, NearestPaginator
from callme_site.console.words import field_of, to_read, without_icons
from callme_site.wire.fields import without_directions


class ConsoleList(ChangeList):
    """A list that shows the nearest page for one that is not there, and sorts by nothing that has no heading.

    It reads what contributed columns show of a page's rows at once.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        self.query = without_directions(self.query)
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        headings = {str(place) for place, name in enumerate(self.list_display) if name in (self.sortable_by or ())}
        columns = self.params.pop(ORDER_VAR, "").split(".")
        if chosen := [column for column in columns if column.removeprefix("-") in headings]:
            self.params[ORDER_VAR] = ".".join(chosen)
        return super().get_ordering(request, queryset)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.page_num = self.paginator.validate_number(self.page_num)
        self.result_list = list(self.result_list)
        pks = [row.pk for row in self.result_list]
        self.list_display = [name.read(pks) if isinstance(name, Column) else name for name in self.list_display]


class ListAdmin(admin.ModelAdmin):
    """What the lists of all models share."""

    paginator = NearestPaginator
    contributed: tuple[Column, ...] = ()
    links: tuple[Link, ...] = ()
    figures: tuple[RowFigures, ...] = ()

    class Media:
        css = {"all": ("callme/cards.css",)}
        js = (Script("callme/cards.js", defer=True),)

    @classmethod
    def contribute(cls, *columns: Column) -> None:
        """Show these columns of a higher app in this list, and where nobody may change a row, on its page."""
        cls.contributed += columns

    @classmethod
    def contribute_links(cls, *links: Link) -> None:
        """Let a row's page lead there."""
        cls.links += links

    @classmethod
    def contribute_figures(cls, *figures: RowFigures) -> None:
        """Tell these figures on a row's page."""
        cls.figures += figures

    def contributed_to(self, request: HttpRequest) -> list[Column]:
        return [column for column in self.contributed if column.is_for(request.user)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return placed(self.contributed_to(request), without_icons(self.model, super().get_list_display(request)))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if (row := kwargs.get("obj")) is not None:
            context["links"] = links_for(request.user, self.links, row)
            context["figures"] = figures_for(request.user, self.figures, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Name what was changed by words of the catalogue, where the capitals of a form's labels are not."""
        record = super().construct_change_message(request, form, formsets, add)
        for done in record:
            if "fields" in done.get("changed", {}) and "name" not in done["changed"]:
                labelled = zip(form.changed_data, done["changed"]["fields"], strict=True)
                with override(None):
                    fields = [(field_of(self.model, name), label) for name, label in labelled]
                    done["changed"]["fields"] = [str(field.verbose_name) if field else label for field, label in fields]
        return record

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConsoleList


class ReadOnlyAdmin(ListAdmin):
    """Rows that people read, of tables that only grow: nobody adds, changes or deletes them here.

    They come newest first, and no heading sorts them: to sort a history is to read all of it.
    """

    paginator = CappedPaginator
    ordering = ("-pk",)
    sortable_by = ()
    # What a list shows of other rows is looked up for the rows that it shows. Given a join, the database may begin with
    # the other table, read all of this one for it, and sort that.
    list_select_related = ()
    list_prefetch_related: tuple[str, ...] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table, once for each choice

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(*self.list_prefetch_related)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return placed(self.contributed_to(request), to_read(request, self.model, super().get_fields(request, obj)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
