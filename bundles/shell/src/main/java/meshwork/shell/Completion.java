package meshwork.shell;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;

/** Says what could stand in place of the last word of a command line: commands, models, files. */
final class Completion {

	private static final Set<String> TAKE_MODELS = Set.of("mesh:unload", "unload", "--model");
	private static final Set<String> TAKE_COMMANDS = Set.of("help");

	private final BundleContext context;

	Completion(BundleContext context) {
		this.context = context;
	}

	/** Candidates for the last word of {@code line}, in order; a folder among them ends with {@code /}. */
	Collection<String> of(String line, Path folder) {
		String command = line.substring(1 + Math.max(line.lastIndexOf('|'), Math.max(line.lastIndexOf(';'), line.lastIndexOf('(')))).stripLeading();
		List<String> words = List.of(command.split("\\s+", -1));
		String word = words.getLast();
		String before = words.size() < 2 ? "" : words.get(words.size() - 2);
		Collection<String> candidates;
		if (words.size() == 1 || TAKE_COMMANDS.contains(before))
			candidates = commands();
		else if (TAKE_MODELS.contains(before))
			candidates = models();
		else
			candidates = files(word, folder);
		return candidates.stream().filter(candidate -> candidate.startsWith(word)).toList();
	}

	private Collection<String> commands() {
		var names = new TreeSet<String>();
		try {
			ServiceReference<?>[] found = context.getAllServiceReferences(null, "(" + CommandProcessor.COMMAND_FUNCTION + "=*)");
			for (ServiceReference<?> reference : found == null ? new ServiceReference<?>[0] : found)
				for (String function : functions(reference.getProperty(CommandProcessor.COMMAND_FUNCTION)))
					names.add(reference.getProperty(CommandProcessor.COMMAND_SCOPE) + ":" + function);
		} catch (InvalidSyntaxException e) {
			throw new IllegalStateException(e);
		}
		return names;
	}

	private static List<String> functions(Object property) {
		return switch (property) {
			case String[] several -> List.of(several);
			default -> List.of(property.toString());
		};
	}

	private Collection<String> models() {
		ServiceReference<Models> models = context.getServiceReference(Models.class);
		return models == null ? List.of()
				: new Services(context).with(models, it -> it.list().stream().map(ServedModel::id).toList()).orElse(List.of());
	}

	private static Collection<String> files(String word, Path folder) {
		var names = new TreeSet<String>();
		String parent = word.substring(0, word.lastIndexOf('/') + 1);
		try (DirectoryStream<Path> found = Files.newDirectoryStream(folder.resolve(parent))) {
			for (Path file : found)
				names.add(parent + file.getFileName() + (Files.isDirectory(file) ? "/" : ""));
		} catch (IOException | DirectoryIteratorException | InvalidPathException e) {
			// a folder that can't be read offers nothing
		}
		return names;
	}
}
