package meshwork.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import meshwork.api.engine.ModelFile;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.ServedModel.Facts;

/** Looks into model files before an engine sees them. */
final class ModelFiles {

	/** Context of a sequence where nobody chose one and the model was trained on a longer one, or does not say. */
	static final int USUAL_CONTEXT = 8192;

	private static final Pattern PART = Pattern.compile("-00001-of-\\d{5}$");

	private ModelFiles() {
	}

	/** What a model is called if nobody says: the file's name without its ending, and without the number of a part. */
	static String id(Path file) {
		String name = file.getFileName().toString();
		int dot = name.lastIndexOf('.');
		return PART.matcher(dot > 0 ? name.substring(0, dot) : name).replaceFirst("");
	}

	/** The kind of a file, by the ending of its name. */
	static String format(Path file) {
		String name = file.getFileName().toString();
		return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
	}

	/** A model of a format that only its engine can look into. */
	static CheckedModel plain(ModelSettings settings) {
		Path path = settings.file();
		try {
			long bytes = Files.size(path);
			String fingerprint = "%s-%d-%d".formatted(path.toRealPath(), bytes, Files.getLastModifiedTime(path).toMillis());
			return new CheckedModel(new ModelFile(format(path), List.of(path), fingerprint, bytes),
					new Facts(id(path), format(path), 0, bytes, bytes, 0, 0, settings.context() > 0 ? settings.context() : USUAL_CONTEXT,
							settings.parallel(), ""),
					"");
		} catch (IOException e) {
			throw new ModelRefused(Reason.NO_FILE, "%s can't be read: %s".formatted(path, e.getMessage()), e);
		}
	}
}
