from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0003_recall")]

    operations = [
        migrations.AddField("order", "slot", models.PositiveSmallIntegerField(editable=False, null=True)),
    ]
