"""Images in, images out.

model         the model of the Python API
pipeline      whole photos through a model: load, find faces, translate, paste back
translation   a translated photo, as the pipeline yields it
frames        the frames of a video, with faces that are followed
options       how images are translated
translator    a model in memory: images in, images out
engine        what runs its networks: the contract of engines
engines       chooses an engine and opens it
torch_engine  PyTorch
onnx_engine   ONNX Runtime, without torch
input_sizes   at which size a network sees an image
face_mask     the shape of a head
weak_inputs   inputs of a kind that a model's card calls difficult
input_check   doubts about an input: blank, no face, of the wrong domain
face_crops    the faces of a photo, and pasting their translations back
detail        results larger than the network sees
tiling        images that are too large for the network
pixel_budget  how many pixels go through a network at once
sampling      images from noise, interpolations, sample sheets
backgrounds   what surrounds the person in a sketch
blank_paper   the paper above a drawing, which stays empty in the face made from it
conditions    what a generator is given about an image
sketchers     what draws the sketches of a data set, by name: filters and models
model_sketcher  a model as a sketcher
preparing     prepare() by the name of a source, for the Python API
variances     how much results vary
usage         the metadata of exported files
"""
