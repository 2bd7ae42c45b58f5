package meshwork.config;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;

import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Gives Configuration Admin what the node is configured with: {@code PID.json} files, then the environment, then the command
 * line; and again whenever a file changes. An activator rather than a component, so that configurations are there before the
 * component runtime starts what they configure.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class Configurations implements BundleActivator {

	/** Framework property: folders of {@code PID.json} files, separated by commas; later ones override. */
	static final String FOLDERS = "meshwork.config.folders";

	/** Framework property: what the command line says, {@code {"PID": {"key": value}}}. */
	static final String ARGUMENTS = "meshwork.config.arguments";

	private BundleContext context;
	private ServiceTracker<ConfigurationAdmin, ConfigurationAdmin> admins;
	private ServiceTracker<LoggerFactory, LoggerFactory> loggers;
	private WatchService watch;
	private List<Path> folders;

	@Override
	public void start(BundleContext context) throws IOException {
		this.context = context;
		String named = context.getProperty(FOLDERS);
		folders = named == null ? List.of() : Arrays.stream(named.split(",")).map(String::strip).filter(s -> !s.isEmpty()).map(Path::of).toList();
		loggers = new ServiceTracker<>(context, LoggerFactory.class, null);
		loggers.open();
		admins = new ServiceTracker<>(context, ConfigurationAdmin.class, null) {
			@Override
			public ConfigurationAdmin addingService(ServiceReference<ConfigurationAdmin> reference) {
				ConfigurationAdmin admin = super.addingService(reference);
				apply(admin);
				return admin;
			}
		};
		admins.open();
		watch = FileSystems.getDefault().newWatchService();
		for (Path folder : folders)
			if (Files.isDirectory(folder))
				folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
						StandardWatchEventKinds.ENTRY_DELETE);
		Thread.ofVirtual().name("configuration watch").start(this::watch);
	}

	@Override
	public void stop(BundleContext context) throws IOException {
		watch.close();
		admins.close();
		loggers.close();
	}

	private void watch() {
		try {
			while (true) {
				WatchKey key = watch.take();
				// an editor writes in several steps: the last one is what counts
				Thread.sleep(200);
				key.pollEvents();
				key.reset();
				ConfigurationAdmin admin = admins.getService();
				if (admin != null)
					apply(admin);
			}
		} catch (InterruptedException | ClosedWatchServiceException e) {
			Thread.currentThread().interrupt();
		}
	}

	/** What can't be read changes nothing: the node goes on with the configuration that it has. */
	private synchronized void apply(ConfigurationAdmin admin) {
		try {
			var settings = new Settings();
			for (Path folder : folders)
				settings.folder(folder);
			settings.environment(System.getenv());
			String arguments = context.getProperty(ARGUMENTS);
			if (arguments != null)
				settings.document(arguments, "the command line");
			hand(admin, settings.configurations());
		} catch (IllegalArgumentException | IOException | InvalidSyntaxException e) {
			log("the configuration stays as it is: " + e.getMessage());
		}
	}

	private static void hand(ConfigurationAdmin admin, Map<String, Dictionary<String, Object>> wanted)
			throws IOException, InvalidSyntaxException {
		Configuration[] present = admin.listConfigurations("(service.pid=meshwork.*)");
		if (present != null)
			for (Configuration configuration : present)
				if (!wanted.containsKey(configuration.getPid()))
					configuration.delete();
		for (var entry : wanted.entrySet())
			configuration(admin, entry.getKey()).updateIfDifferent(entry.getValue());
	}

	/** {@code meshwork.x~name} is one of several configurations of {@code meshwork.x}. */
	private static Configuration configuration(ConfigurationAdmin admin, String pid) throws IOException {
		int tilde = pid.indexOf('~');
		return tilde < 0 ? admin.getConfiguration(pid, "?") : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
	}

	private void log(String message) {
		LoggerFactory factory = loggers.getService();
		if (factory == null)
			System.err.println(message);
		else
			factory.getLogger(Configurations.class.getName(), Logger.class).error(message);
	}
}
