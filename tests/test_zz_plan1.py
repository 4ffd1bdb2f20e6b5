import time, pytest
from django.db import connection
from accords.models import Renewal, Agreement
from tests.crowd import crowd
@pytest.mark.django_db
def test_it():
    crowd(10)
    t=time.time(); crowd(500, 1000); print("500 agreements + 3000 renewals", time.time()-t)
    with connection.cursor() as c:
        if connection.vendor=="postgresql":
            c.execute("set constraints all immediate"); c.execute("select conname, length(pg_get_constraintdef(oid)) from pg_constraint where conrelid='accords_renewal'::regclass")
            print(c.fetchall())
            for name in ("renewal_due_bounds","renewal_due_edtf","agreement_announced_edtf", "agreement_effective_edtf"):
                c.execute("set constraints all immediate"); c.execute(f"alter table accords_{name.split('_')[0]} drop constraint {name}")
                c.execute("set constraints all immediate"); t=time.time(); crowd(200, 2000+hash(name)%100000); print("without",name, time.time()-t)
