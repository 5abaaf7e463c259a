#!/usr/bin/python3
"""`bihuan areas check`: what a district's outlines leave open or cover twice, and grids and workers who lack each other."""
import json
import math
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from expect import cases_of, equal
from harness import BIHUAN, DEMO, Failed, World

FOUND, WRONG = 3, 65
WEST, SOUTH, STEP = 117.0, 31.0, 0.01
SQUARE_M2 = (111319.49 * STEP) ** 2 * math.cos(math.radians(SOUTH))
PLAIN = {"kind": "grid", "parent": "v"}


def box(west, south, east, north):
    """In steps from the corner."""
    x, y = (WEST + STEP * west, WEST + STEP * east), (SOUTH + STEP * south, SOUTH + STEP * north)
    return [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]], [x[0], y[0]]]


def profile(**changes):
    """A village of two by two steps with four grids and a worker each; changes: code -> members, or None: without."""
    areas = {"c": {"kind": "county"}, "t": {"kind": "township", "parent": "c"},
             "v": {"kind": "village", "parent": "t", "polygon": box(0, 0, 2, 2)}}
    for at in range(4):
        areas[f"g{at}"] = {**PLAIN, "polygon": box(at % 2, at // 2, at % 2 + 1, at // 2 + 1)}
    posts = changes.pop("posts", [{"role": "grid_worker", "area": f"g{at}"} for at in range(4)])
    for code, members in changes.items():
        if members is None:
            del areas[code]
        else:
            areas[code] = {**areas.get(code, {}), **members}
    return {"name": "县", "areas": [{"code": code, "name": code, **members} for code, members in areas.items()],
            "people": [{"code": "p", "name": "人", "posts": posts}]}


def check(world, told, expect, *options):
    path = world.folder / "profile.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return run(expect, path, *options)


def run(expect, *words):
    done = subprocess.run([BIHUAN, "--json", "areas", "check", *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != expect:
        raise Failed(f"exit {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)["found"] if done.stdout else json.loads(done.stderr)


def only(found, what, area, other=None):
    equal([(one["what"], one["area"], one["other"]) for one in found], [(what, area, other)], f"{found}")
    return found[0]


def measures(one, steps2, west, south, east, north):
    """So many square steps, to a thousandth, and a point inside."""
    if abs(one["square_m"] - steps2 * SQUARE_M2) > max(2, steps2 * SQUARE_M2 / 1000):
        raise Failed(f"{one}: not {steps2 * SQUARE_M2:.0f} square metres")
    x, y = (one["longitude"] - WEST) / STEP, (one["latitude"] - SOUTH) / STEP
    if not (west < x < east and south < y < north):
        raise Failed(f"{one}: the point is at {x:.3f}, {y:.3f} steps")


def test_what_covers_its_parent_once_is_found_right():
    with World() as world:
        equal(check(world, profile(), 0), [], "a village of four grids")


def test_a_gap_is_told_with_its_size_and_a_point_in_it():
    with World() as world:
        workers = [{"role": "grid_worker", "area": "v"}]
        one = only(check(world, profile(g3=None, posts=workers), FOUND), "gap", "v")
        measures(one, 1, 1, 1, 2, 2)
        small = profile(g3={"polygon": box(1, 1, 2, 1.999)})
        measures(only(check(world, small, FOUND), "gap", "v"), 0.001, 1, 1.998, 2, 2)
        equal(check(world, small, 0, "--min=2000"), [], "less than it is asked for")


def test_a_gap_between_grids_is_found_where_the_village_has_no_outline():
    with World() as world:
        ring = {f"r{at}": {**PLAIN, "polygon": box(*where)} for at, where in
                enumerate(((2, 0, 5, 1), (2, 2, 5, 3), (2, 1, 3, 2), (4, 1, 5, 2)))}
        told = profile(v={"polygon": None}, posts=[{"role": "grid_worker", "area": "v"}], **ring)
        measures(only(check(world, told, FOUND), "gap", "v"), 1, 3, 1, 4, 2)


def test_an_overlap_and_what_lies_outside_are_told():
    with World() as world:
        found = check(world, profile(g1={"polygon": box(0.5, 0, 2.25, 1)}), FOUND)
        equal(sorted(one["what"] for one in found), ["outside", "overlap"], f"{found}")
        for one in found:
            if one["what"] == "overlap":
                equal({one["area"], one["other"]}, {"g0", "g1"}, "the two")
                measures(one, 0.5, 0.5, 0, 1, 1)
            else:
                equal((one["area"], one["other"]), ("g1", "v"), "what lies outside")
                measures(one, 0.25, 2, 0, 2.25, 1)
        market = {"kind": "special", "parent": "v", "polygon": box(0.5, 0.5, 1.5, 1.5)}
        posts = [{"role": "grid_worker", "area": "v"}]
        equal(check(world, profile(m=market, posts=posts), 0), [], "a special grid lies over others")


def test_an_outline_that_is_none_is_told_with_the_reason_and_the_place():
    with World() as world:
        bow = [[WEST, SOUTH], [WEST + STEP, SOUTH + STEP], [WEST + STEP, SOUTH], [WEST, SOUTH + STEP], [WEST, SOUTH]]
        found = check(world, profile(g0={"polygon": bow}), FOUND)
        one = [one for one in found if one["what"] == "invalid"]
        equal(len(one), 1, f"{found}")
        equal((one[0]["area"], one[0]["message"]), ("g0", "Self-intersection"), "the fault")
        if abs(one[0]["longitude"] - WEST - STEP / 2) > 1e-6 or abs(one[0]["latitude"] - SOUTH - STEP / 2) > 1e-6:
            raise Failed(f"{one}")


def test_grids_and_workers_who_lack_each_other_are_told():
    with World() as world:
        posts = [{"role": "grid_worker", "area": f"g{at}"} for at in range(3)]
        only(check(world, profile(posts=posts), FOUND), "no_worker", "g3")
        for period in ({"to": "2020-01-01"}, {"from": "2199-01-01"}):
            only(check(world, profile(posts=[*posts, {"role": "grid_worker", "area": "g3", **period}]), FOUND),
                 "no_worker", "g3")
        far = {"kind": "village", "parent": "t"}
        workers = [{"role": "grid_worker", "area": "v"}, {"role": "grid_worker", "area": "w"}]
        found = check(world, profile(w=far, posts=workers), FOUND)
        equal({(one["what"], one["area"]) for one in found},
              {("no_grid", "w"), ("no_polygon", "w"), ("worker_without_grid", "p")}, f"{found}")


def test_the_district_in_force_is_checked_over_the_socket():
    with World() as world:
        world.server.start().district()
        found = run(FOUND, "--socket", world.server.admin_path)
        equal(found, run(FOUND, DEMO / "profile.json"), "in force and in its file")
        equal({one["what"] for one in found}, {"no_worker"}, "the demo district's special grids")
        path = world.folder / "none.json"
        path.write_text("{")
        equal(run(WRONG, path)["code"], "file", "what is no profile")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
