"""Which node of a template stands in which column, and what its groups hold; docs/layout.py finds the rest."""

from __future__ import annotations

from layout import Layout

NARROW = {"width": 226, "gap": 40}

LAYOUTS = {
    "00_start_here": Layout(
        [[9, 1], [2], [3], [10, 4], [5, 6], [8]],
        {
            "1  Choose a model and a seed": [1, 2],
            "2  Cut open": [3],
            "... look inside": [10],
            "3  A larger canvas": [4],
            "4  Render": [6, 8],
        },
        gap=52,
        note=600,
    ),
    "01_sample_sheet": Layout(
        [[6, 1], [2], [3], [4], [5]],
        {"1  Model and seeds": [1, 2], "2  Synthesis": [3, 4], "3  Saved": [5]},
        sizes={4: (300, 380), 5: (420, 460)},
    ),
    "02_panorama": Layout(
        [[9, 1], [2], [3, 4], [5, 6], [10], [11]],
        {"1  Five latents": [1, 2], "2  One canvas": [3, 5, 10, 11], "3  Closed to a ring": [4, 6]},
        gap=52,
        note=560,
    ),
    "03_pad": Layout(
        [[9, 1], [2], [3], [4, 5], [6], [8]],
        {
            "1  Model and seed": [1, 2],
            "2  Cut open": [3],
            "As it is": [5],
            "3  Half a picture more at each side": [4, 6, 8],
        },
        gap=52,
    ),
    "04_stretch": Layout(
        [[9, 1], [2], [3], [4, 5], [6], [8]],
        {"1  Model and seed": [1, 2], "2  Cut open": [3], "As it is": [5], "3  Twice as wide": [4, 6, 8]},
        gap=52,
    ),
    "05_left_right_blend": Layout(
        [[13, 1], [2, 3], [4, 6], [7, 5, 9], [8], [11]],
        {"Model": [1], "A: the left": [2], "B: the right": [3], "Cut open": [4, 6], "A becomes B": [7, 5, 9, 8, 11]},
        width=232,
        gap=52,
        note=450,
        wider={1: 118},
        by_hand=True,
    ),
    "06_shift_blend": Layout(
        [[9, 1], [2], [3], [4, 5], [6], [8]],
        {"1  Model and seed": [1, 2], "2  Cut open": [3], "As it is": [5], "3  A copy of the fir": [4, 6, 8]},
        gap=52,
    ),
    "07_one_picture_wide": Layout(
        [[1, 11], [2], [3], [4, 7], [5], [6], [8, 10]],
        {
            "1  Model, seed": [1, 2],
            "2  Cut open": [3],
            "As it is": [7],
            "3  Padded, and its middle copied": [4, 5, 6],
            "4  Saved": [8, 10],
        },
        **NARROW,
        note=330,
        spans={11: 2},
    ),
    "08_hand_picked_panorama": Layout(
        [[10, 1], [2], [3, 6], [4, 7], [5, 8], [9]],
        {
            "1  Model, seeds": [1, 2],
            "2  Sixteen to choose from": [3, 4, 5],
            "3  Five of them on one canvas": [6, 7, 8, 9],
        },
        gap=52,
    ),
    "09_grid_and_tower": Layout(
        [[10, 1], [2, 6], [3, 7], [4, 8], [5]],
        {"Model": [1], "Four columns, three rows": [2, 3, 4, 5], "One column": [6, 7, 8]},
        sizes={4: (300, 330), 8: (300, 400), 5: (300, 330)},
    ),
    "10_transform_and_bend": Layout(
        [[1, 15], [2], [3], [4, 5], [9, 10], [6, 12], [7, 11]],
        {"1  Model and seeds": [1, 2], "2  Cut open": [3]},
        **NARROW,
        sizes={15: (226, 630)},
    ),
    "11_latent_walk": Layout(
        [[7, 1], [2], [3], [4], [5], [6]],
        {"1  Model and stations": [1, 2], "2  The walk": [3], "3  Synthesis": [4, 5], "4  The film": [6]},
        gap=52,
    ),
    "12_pan_around_360": Layout(
        [[8, 1], [2], [3], [4], [6], [7]],
        {"1  Model and stations": [1, 2], "2  A ring of 360 degrees": [3, 4], "3  A view that turns": [6, 7]},
        gap=52,
    ),
    "13_moving_values": Layout(
        [[16, 1], [2, 8], [3, 9, 4], [5], [6], [7]],
        {"Model": [1], "A": [2], "B": [8], "Cut open": [3, 9], "A becomes B and A again": [5, 6, 7]},
        width=232,
        gap=52,
        note=450,
        wider={1: 118},
        by_hand=True,
    ),
    "14_translation": Layout(
        [[13, 1], [2, 3], [4, 5, 6], [7, 8], [9, 10], [11]],
        {
            "1  Two generators": [1, 2],
            "2  One latent": [3],
            "... in both": [4, 5],
            "3  In five steps": [7, 9, 11],
            "4  The look alone": [8, 10],
        },
        gap=52,
    ),
    "15_translate_the_sky": Layout(
        [[12, 1], [2, 3], [5, 6, 4], [7, 9], [8], [10]],
        {
            "1  Two generators": [1, 2],
            "2  One latent": [3],
            "... in both": [5, 6],
            "3  Mixed in the sky": [7, 8, 10],
            "The original": [9],
        },
        gap=52,
    ),
    "16_reference_style": Layout(
        [[1, 2], [3, 4], [5, 6], [7, 9, 10], [8, 14], [11]],
        {
            "1  Two generators": [1, 2],
            "2  Source, references": [3, 4],
            "3  Cut open": [5, 6],
            "4  Layout of one, look of others": [8, 11],
        },
        gap=52,
        note=330,
        spans={14: 2},
    ),
    "17_invert_and_panorama": Layout(
        [[2, 3, 1], [4], [5, 14], [7, 8], [9], [10], [11, 12]],
        {
            "1  Picture, generator": [2, 3],
            "2  Its code": [4],
            "3  Side by side": [7, 8, 9],
            "4  One panorama": [10, 11, 12],
        },
        **NARROW,
        sizes={1: (226, 530), 5: (226, 130)},
    ),
    "18_invert_and_translate": Layout(
        [[2, 3, 4], [5, 12], [6, 7, 8], [9], [10, 1], [11]],
        {"1  A picture": [2, 3, 4], "2  Its code": [5], "3  In both": [6, 7], "4  From one to the other": [9, 10, 11]},
        gap=52,
        note=330,
        spans={1: 2},
        by_hand=True,
    ),
    "19_direction_sweep": Layout(
        [[2, 3], [5, 4], [6], [7], [8, 1], [9]],
        {"1  A picture": [2, 3], "2  The pictures": [7, 8, 9]},
        gap=52,
        note=380,
        spans={1: 2},
    ),
    "20_inversion_spaces": Layout(
        [[1], [2, 3, 5], [6, 9, 12], [7, 10, 13], [8, 11, 14]],
        {"A picture, a generator": [2, 3]},
        gap=90,
        sizes=dict.fromkeys((6, 9, 12), (260, 210)) | dict.fromkeys((7, 8, 10, 11, 13, 14), (300, 318)),
        by_hand=True,
    ),
    "21_attribute_transfer": Layout(
        [[1, 2], [3, 4], [5], [6, 7, 9], [12, 13, 14], [15, 16]],
        {"1  The source": [3], "... a reference": [4], "2  All three": [5], "3  Cut open": [6, 7]},
        gap=55,
        wider={3: 20},
        sizes={1: (280, 490), 5: (250, 110), 9: (250, 80)},
        by_hand=True,
    ),
    "22_face_in_a_photo": Layout(
        [[1], [2, 3], [5], [7], [6, 4], [8, 10], [13, 19]],
        {"1  A photo": [2], "2  Its face, its code": [5], "3  Edited": [7], "4  Put back": [8, 10, 13, 19]},
        **NARROW,
        sizes={
            **{1: (226, 900), 5: (226, 200)},
            **{8: (226, 150), 10: (226, 150), 13: (226, 320), 19: (226, 302)},
        },
    ),
    "23_day_and_night": Layout(
        [[13, 1], [3, 2], [4, 6], [5, 7, 9], [8], [11]],
        {
            "By day": [1],
            "By night": [3],
            "One seed for both": [2],
            "Cut open": [4, 6],
            "Both on one canvas": [5, 8, 11],
        },
        gap=52,
    ),
    "24_film": Layout(
        [[1, 9], [2], [3], [4], [5], [6], [7]],
        {"1  Model, stations": [1, 2], "2  The walk": [3], "3  Synthesis": [4, 5], "4  The film": [6, 7]},
        **NARROW,
        note=420,
        spans={9: 2},
    ),
    "25_painted_mask": Layout(
        [[12, 1], [2, 3], [5, 6, 4], [7, 9], [8], [10]],
        {
            "1  Two generators": [1, 2],
            "2  One latent": [3],
            "... in both": [5, 6],
            "3  Mixed where you paint": [7, 8, 10],
        },
        gap=52,
    ),
    "26_your_own_photo": Layout(
        [[9, 1], [2, 3], [4], [5], [6], [7], [8]],
        {
            "1  Your photo": [1],
            "... a square": [2],
            "2  Its code": [4],
            "3  A larger canvas": [5, 6],
            "4  Drawn": [7, 8],
        },
        **NARROW,
        sizes={9: (226, 620)},
    ),
    "27_wandering_firs": Layout(
        [[1, 7], [2], [3, 4], [5], [6], [8]],
        {"1  Model and seed": [1, 2], "2  Cut open": [3], "3  A shift that moves": [5], "4  The film": [6, 8]},
        gap=52,
        note=380,
        spans={7: 2},
    ),
    "28_pan_and_turn": Layout(
        [[12, 1], [2], [4, 3, 8], [5, 9], [6, 10], [7, 11]],
        {"1  Model and seed": [1, 2], "2  Its waves, moved and turned": [4, 3, 8, 5, 9], "3  Films": [6, 7, 10, 11]},
        gap=52,
    ),
    "29_drag_points": Layout(
        [[8, 1], [2], [3], [4, 5], [6], [7]],
        {"1  Model and seed": [1, 2], "2  Points, dragged": [3], "3  The picture": [4], "4  The way there": [5, 6, 7]},
        gap=52,
        note=620,
    ),
    "30_film_to_a_beat": Layout(
        [[1, 3], [2], [4], [5], [6], [7, 9], [8]],
        {
            "1  Model, people": [1, 2],
            "2  A sound": [3],
            "3  Heard: a walk at its beats, moved by the bass": [4, 5, 6],
            "4  The film": [7, 8],
        },
        **NARROW,
        sizes={9: (226, 470)},
    ),
    # 31_sliders_for_a_part is placed by hand: three wires go between nodes so high that the search finds no way.
    "32_one_picture_one_style": Layout(
        [[1, 2], [4, 3], [5, 6], [7, 8], [11, 12]],
        {
            "1  A model and a picture": [1, 2],
            "2  A generator in its manner": [3],
            "3  Somebody": [4],
            "4  In both": [5, 6, 7, 8],
        },
        **NARROW,
    ),
    "33_picked_direction": Layout(
        [[1, 12], [2], [3, 4, 6], [5, 7], [8, 11], [9], [10]],
        {"1  Model": [1], "2  What was learnt, given to others": [8, 9, 10]},
        **NARROW,
        sizes={3: (226, 260), 4: (226, 260)},
        note=480,
        by_hand=True,
    ),
    "34_a_wide_photo": Layout(
        [[10, 3], [1, 4], [2, 5], [6], [7], [8], [9]],
        {
            "1  A picture": [3],
            "... a wide one": [4],
            "2  Found, as wide": [5],
            "3  In neon": [6],
            "4  Mixed": [7],
            "5  Drawn": [8, 9],
        },
        **NARROW,
        sizes={10: (226, 640)},
    ),
    "35_a_photo_dragged": Layout(
        [[1, 8], [3, 2], [4], [5], [6], [7]],
        {
            "1  A photo, its face": [1, 3],
            "2  Its code": [4],
            "3  Points, dragged": [5],
            "4  Put back": [6, 7],
        },
        gap=52,
        sizes={8: (250, 690)},
    ),
    "36_a_photo_in_a_manner": Layout(
        [[12, 18], [13, 11], [14], [15], [16, 17]],
        {
            "1  A manner, a photo": [13, 11],
            "2  A generator in that manner": [14],
            "3  The photo, redrawn": [15],
            "4  Before and after": [16, 17],
        },
        sizes={15: (250, 200), 18: (250, 640)},
    ),
    "37_all_around": Layout(
        [[1, 11], [2, 3, 4], [5], [6], [7], [8], [9, 10]],
        {
            "1  A picture": [1],
            "... with room": [2, 3],
            "2  Found": [5],
            "3  The way back": [6, 7],
            "4  A ring": [8, 9, 10],
        },
        **NARROW,
        sizes={11: (226, 690)},
    ),
    "38_pull_a_mountain": Layout(
        [[9, 1], [2], [3], [4, 5], [6], [8]],
        {"1  Model and seed": [1, 2], "2  Cut open": [3], "As it is": [5], "3  Pulled": [4, 6, 8]},
        gap=52,
        note=520,
    ),
}
