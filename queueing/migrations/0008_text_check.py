from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0007_messages")]

    operations = [
        # With a default of the database's own, servers of the version before go on meanwhile.
        migrations.AddField(
            "order", "note_hidden", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
