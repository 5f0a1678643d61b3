// A plug-in for GIMP 2.10: Filters > Artistic > Photograph of a Face. Makes a
// face of the current layer with the program `limner`, as a new layer on top.
//
// The layer goes to the program as a PNG, and comes back as one: what can be
// read from a file can be drawn here, and GIMP's colours are its own matter.
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <unistd.h>

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

constexpr const char* kProcedure = "plug-in-limner-face";
constexpr const char* kBinary = "limner-face";
constexpr int kMaxSeed = 2147483647;

// What the dialog and scripts choose; kept by GIMP for the next time.
struct Settings {
  gint32 seed = 7;
  gdouble faithful = -1;  // 0 to 1; below: as limner chooses
  char photo[4096] = "";  // a file; "": looks of the seed
};

std::string number_text(double value) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  return g_ascii_formatd(text, sizeof(text), "%.3f", value);
}

// A file that goes when this does.
class TemporaryFile {
 public:
  explicit TemporaryFile(const char* ending) {
    char* name = gimp_temp_name(ending);
    name_ = name;
    g_free(name);
  }
  ~TemporaryFile() { unlink(name_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

// Saves a drawable alone, as large as the image, on white. Returns "" or what
// went wrong.
std::string save_drawing(gint32 image, gint32 drawable,
                         const std::string& file) {
  const gint32 copy = gimp_image_new(gimp_image_width(image),
                                     gimp_image_height(image), GIMP_RGB);
  const gint32 paper = gimp_layer_new(
      copy, "paper", gimp_image_width(image), gimp_image_height(image),
      GIMP_RGB_IMAGE, 100, gimp_image_get_default_new_layer_mode(copy));
  gimp_image_insert_layer(copy, paper, -1, 0);
  gimp_drawable_fill(paper, GIMP_FILL_WHITE);
  const gint32 layer = gimp_layer_new_from_drawable(drawable, copy);
  gint x = 0, y = 0;
  gimp_drawable_offsets(drawable, &x, &y);
  gimp_image_insert_layer(copy, layer, -1, 0);
  gimp_layer_set_offsets(layer, x, y);
  gimp_item_set_visible(layer, TRUE);
  const gint32 flat = gimp_image_flatten(copy);
  const gboolean saved = gimp_file_save(GIMP_RUN_NONINTERACTIVE, copy, flat,
                                        file.c_str(), file.c_str());
  gimp_image_delete(copy);
  return saved ? "" : "the layer cannot be saved as a PNG";
}

// The last line that is not empty, without the program's name in front.
std::string last_line(const char* text) {
  std::string said = text == nullptr ? "" : text;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  const size_t begin = said.rfind('\n');
  if (begin != std::string::npos) said.erase(0, begin + 1);
  return said;
}

// Runs the program. Returns "" or what went wrong.
std::string run_limner(const Settings& settings, const std::string& drawing,
                       const std::string& face) {
  std::vector<std::string> words = {
      "limner", "generate", drawing, "--quiet", "-o", face, "--faithful"};
  words.push_back(settings.faithful < 0 ? "auto"
                                        : number_text(settings.faithful));
  if (settings.photo[0] != '\0') {
    words.insert(words.end(), {"--appearance", settings.photo});
  } else {
    words.insert(words.end(), {"--random", std::to_string(settings.seed)});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char* said = nullptr;
  GError* error = nullptr;
  gint status = 0;
  std::string problem;
  const auto flags = static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH |
                                              G_SPAWN_STDOUT_TO_DEV_NULL);
  if (!g_spawn_sync(nullptr, arguments.data(), nullptr, flags, nullptr, nullptr,
                    nullptr, &said, &status, &error)) {
    problem =
        "the program `limner` cannot be started (is it installed, and on "
        "the search path?): " +
        std::string(error->message);
    g_error_free(error);
  } else if (status != 0) {
    problem = last_line(said);
    if (problem.empty()) problem = "limner ended without a face";
  }
  g_free(said);
  return problem;
}

// The face as a layer on top, as large as fits, in the middle. Returns "" or
// what went wrong.
std::string insert_face(gint32 image, const std::string& face) {
  const gint32 layer =
      gimp_file_load_layer(GIMP_RUN_NONINTERACTIVE, image, face.c_str());
  if (layer < 0) return "the face cannot be read";
  const gint wide = gimp_image_width(image), high = gimp_image_height(image);
  const gint side = MIN(wide, high);
  gimp_item_set_name(layer, "Face by limner");
  gimp_image_insert_layer(image, layer, -1, 0);
  gimp_layer_scale(layer, side, side, FALSE);
  gimp_layer_set_offsets(layer, (wide - side) / 2, (high - side) / 2);
  return "";
}

std::string make_face(gint32 image, gint32 drawable, const Settings& settings) {
  const TemporaryFile drawing("png"), face("png");
  gimp_progress_init("Photograph of a face");
  std::string problem = save_drawing(image, drawable, drawing.name());
  gimp_progress_update(0.2);
  if (problem.empty()) {
    problem = run_limner(settings, drawing.name(), face.name());
  }
  gimp_progress_update(0.9);
  if (!problem.empty()) return problem;
  gimp_image_undo_group_start(image);
  problem = insert_face(image, face.name());
  gimp_image_undo_group_end(image);
  return problem;
}

// A row of the dialog's table.
void add_row(GtkWidget* table, guint row, const char* text, GtkWidget* widget) {
  GtkWidget* label = gtk_label_new_with_mnemonic(text);
  gtk_misc_set_alignment(GTK_MISC(label), 0, 0.5F);
  gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
  gtk_table_attach(GTK_TABLE(table), label, 0, 1, row, row + 1, GTK_FILL,
                   GTK_FILL, 0, 0);
  gtk_table_attach_defaults(GTK_TABLE(table), widget, 1, 2, row, row + 1);
}

// Asks for the settings; false: cancelled.
bool ask(Settings& settings) {
  gimp_ui_init(kBinary, FALSE);
  GtkWidget* dialog = gimp_dialog_new(
      "Photograph of a Face", kBinary, nullptr, static_cast<GtkDialogFlags>(0),
      gimp_standard_help_func, kProcedure, "_Cancel", GTK_RESPONSE_CANCEL,
      "_Make", GTK_RESPONSE_OK, nullptr);
  GtkWidget* table = gtk_table_new(4, 2, FALSE);
  gtk_table_set_row_spacings(GTK_TABLE(table), 6);
  gtk_table_set_col_spacings(GTK_TABLE(table), 12);
  gtk_container_set_border_width(GTK_CONTAINER(table), 12);
  gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog))),
                     table, TRUE, TRUE, 0);
  GtkWidget* seed = gtk_spin_button_new_with_range(0, kMaxSeed, 1);
  gtk_spin_button_set_value(GTK_SPIN_BUTTON(seed), settings.seed);
  add_row(table, 0, "_Looks, drawn at random by a number:", seed);
  GtkWidget* photo = gtk_file_chooser_button_new("A photo of a face",
                                                 GTK_FILE_CHOOSER_ACTION_OPEN);
  if (settings.photo[0] != '\0') {
    gtk_file_chooser_set_filename(GTK_FILE_CHOOSER(photo), settings.photo);
  }
  add_row(table, 1, "or those of a _photo:", photo);
  GtkWidget* automatic =
      gtk_check_button_new_with_label("as suits how far they are from a face");
  gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(automatic),
                               settings.faithful < 0);
  add_row(table, 2, "L_ines are followed", automatic);
  GtkWidget* faithful = gtk_hscale_new_with_range(0, 1, 0.01);
  gtk_range_set_value(GTK_RANGE(faithful),
                      settings.faithful < 0 ? 1 : settings.faithful);
  add_row(table, 3, "or this _closely (1: as drawn):", faithful);
  gtk_widget_show_all(dialog);
  const bool made = gimp_dialog_run(GIMP_DIALOG(dialog)) == GTK_RESPONSE_OK;
  if (made) {
    settings.seed = gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(seed));
    settings.faithful =
        gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(automatic))
            ? -1
            : gtk_range_get_value(GTK_RANGE(faithful));
    char* name = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(photo));
    g_strlcpy(settings.photo, name == nullptr ? "" : name,
              sizeof(settings.photo));
    g_free(name);
  }
  gtk_widget_destroy(dialog);
  return made;
}

// Settings of a script's call; false: other than promised.
bool read_parameters(gint count, const GimpParam* given, Settings& settings) {
  if (count != 6) return false;
  settings.seed = given[3].data.d_int32;
  const char* photo = given[4].data.d_string;
  settings.faithful = given[5].data.d_float;
  if (settings.seed < 0 || settings.faithful > 1) return false;
  return g_strlcpy(settings.photo, photo == nullptr ? "" : photo,
                   sizeof(settings.photo)) < sizeof(settings.photo);
}

void query() {
  static const GimpParamDef kParameters[] = {
      {GIMP_PDB_INT32, const_cast<char*>("run-mode"),
       const_cast<char*>("RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1)")},
      {GIMP_PDB_IMAGE, const_cast<char*>("image"),
       const_cast<char*>("The image, which gets a layer")},
      {GIMP_PDB_DRAWABLE, const_cast<char*>("drawable"),
       const_cast<char*>("The drawing: dark lines on light ground, or light "
                         "ones on dark")},
      {GIMP_PDB_INT32, const_cast<char*>("seed"),
       const_cast<char*>("Looks drawn at random, from 0")},
      {GIMP_PDB_STRING, const_cast<char*>("photo"),
       const_cast<char*>("The file of a photo with the looks, or \"\"")},
      {GIMP_PDB_FLOAT, const_cast<char*>("faithful"),
       const_cast<char*>("How closely lines are followed, 0 to 1; -1: as suits "
                         "how far they are from a face")},
  };
  gimp_install_procedure(
      kProcedure, "Makes a photograph of a drawing of a face",
      "The current layer is a drawing of a face. The program `limner` makes a "
      "photograph of it, which becomes a layer.",
      "The limner developers", "Apache License 2.0", "2026",
      "Photograph of a _Face...", "RGB*, GRAY*, INDEXED*", GIMP_PLUGIN,
      G_N_ELEMENTS(kParameters), 0, kParameters, nullptr);
  gimp_plugin_menu_register(kProcedure, "<Image>/Filters/Artistic");
}

void run(const gchar* /*name*/, gint count, const GimpParam* given,
         gint* returned_count, GimpParam** returned) {
  static GimpParam result[2];
  *returned_count = 1;
  *returned = result;
  result[0].type = GIMP_PDB_STATUS;
  result[0].data.d_status = GIMP_PDB_SUCCESS;
  Settings settings;
  const auto mode = static_cast<GimpRunMode>(given[0].data.d_int32);
  if (mode == GIMP_RUN_NONINTERACTIVE) {
    if (!read_parameters(count, given, settings)) {
      result[0].data.d_status = GIMP_PDB_CALLING_ERROR;
      return;
    }
  } else {
    gimp_get_data(kProcedure, &settings);
    if (mode == GIMP_RUN_INTERACTIVE && !ask(settings)) {
      result[0].data.d_status = GIMP_PDB_CANCEL;
      return;
    }
  }
  static std::string problem;  // GIMP reads it after this returns
  problem =
      make_face(given[1].data.d_image, given[2].data.d_drawable, settings);
  if (!problem.empty()) {
    *returned_count = 2;
    result[0].data.d_status = GIMP_PDB_EXECUTION_ERROR;
    result[1].type = GIMP_PDB_STRING;
    result[1].data.d_string = problem.data();
    return;
  }
  if (mode == GIMP_RUN_INTERACTIVE) {
    gimp_set_data(kProcedure, &settings, sizeof(settings));
  }
  gimp_displays_flush();
}

}  // namespace

const GimpPlugInInfo PLUG_IN_INFO = {nullptr, nullptr, query, run};

MAIN()
