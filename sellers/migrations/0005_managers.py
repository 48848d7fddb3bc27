from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "主管"
SEE = ["sellers.view_seller", "sellers.view_balanceentry", "sellers.view_unbinding", "queueing.view_order"]
SELL = ["sellers.add_seller", "sellers.renew_seller", "sellers.correct_seller", "sellers.unbind_seller"]
MANAGE = ["sellers.change_seller", "queueing.close_order"]


def make_managers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the group of managers; permissions are otherwise made after the last migration."""
    from django.apps import apps as installed

    for app in ("sellers", "queueing"):
        create_permissions(installed.get_app_config(app), apps=apps, verbosity=0)
    permission_model = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    for code in SEE + SELL + MANAGE:
        app, codename = code.split(".")
        group.permissions.add(permission_model.objects.get(content_type__app_label=app, codename=codename))


class Migration(migrations.Migration):
    dependencies = [("sellers", "0004_sign_up")]

    # On the way back the group stays, with its members: whoever comes forth again finds it as it was.
    operations = [migrations.RunPython(make_managers, migrations.RunPython.noop)]
