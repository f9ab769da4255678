"""How late the sound of each talking clip of ../shared/footage is, milliseconds.

Measured by the product of 2026-11-22 to 29 where it was sure; katiehill's is the one of
../shared/reference/sound_to_mouth/whisper (the product found +146, and was not sure).  GRID was
recorded in sync: 0.  They are kept here so that figures and training of the sound drive do not
depend on how offsets are measured.
"""

LATE_MS = {
    "andrew_a_25s.mov": 20.0, "andrew_b_27s.mov": 20.0, "obama_address_30s.mov": 100.0,
    "obama_oval_20s.mov": 179.0, "obama_2020_20s.mov": 164.0, "woman_braids_720p_24s.mp4": 46.0,
    "man_black_sweater_1080x1920_20s.mp4": 2.0, "woman_bluewall_700_7s.mp4": -8.0,
    "syncnet_example_offset3.avi": -117.0, "fr_man_suit_512_50s.mp4": 8.0,
    "newsman_512_71s.mp4": 26.0, "biden_whitehouse_720p_7s.mp4": 72.0,
    "obama_whcd_podium_480p_5s.mp4": 60.0, "katiehill_512_8s.mp4": 130.0,
    "vox2_a00015.mp4": 21.0, "vox2_a00086.mp4": 29.0, "vox2_a00104.mp4": -30.0,
    "vox2_a681100216.mp4": 34.0, "vox2_i00098.mp4": 61.0, "vox2_p00067.mp4": 9.0,
    "vox2_p741400163.mp4": 91.0, "vox2_p796100172.mp4": 113.0,
    **{
        f"grid_{name}.mpg": 0.0
        for name in ("bbaf2n", "brbk7n", "lbax4n", "lbbc2a", "lrwp9a", "lwbsza", "s1_bbas1s",
                     "ans_man_fair", "ans_youth", "ans_woman_brown", "ans_woman_curly")
    },
}  # fmt: skip
