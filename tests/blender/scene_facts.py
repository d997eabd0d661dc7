"""What must stay as it was while something else is played or written."""

import bpy


def everything(armature):
    """What a person would miss, as values."""
    scene, data = bpy.context.scene, armature.animation_data
    return {
        "frame": scene.frame_current_final,
        "range": (scene.frame_start, scene.frame_end, scene.render.fps, scene.render.fps_base),
        "selected": [item.name for item in bpy.context.view_layer.objects.selected],
        "active": bpy.context.view_layer.objects.active.name,
        "objects": sorted(bpy.data.objects.keys()),
        "scenes": bpy.data.scenes.keys(),
        "scenes of it": [item.name for item in armature.users_scene],
        "actions": {action.name: action.users for action in bpy.data.actions},
        "playing": (data.action.name, getattr(getattr(data, "action_slot", None), "identifier", "")) if data else None,
        "nla": (data.use_nla, data.action_influence, data.action_blend_type) if data else None,
        "pose": [tuple(map(tuple, bone.matrix_basis)) for bone in armature.pose.bones],
        "switches": [dict(bone.items()) for bone in armature.pose.bones],
        "place": tuple(map(tuple, armature.matrix_world)),
        "mode": armature.mode,
        "shown": [(window.scene.name, window.view_layer.name) for window in bpy.context.window_manager.windows],
        "tracks": [(track.name, track.mute, len(track.strips)) for track in data.nla_tracks] if data else None,
        "hidden": (armature.hide_viewport, armature.data.pose_position),
    }
