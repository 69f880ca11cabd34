;; What the images need of the `clojure` command: `-Spath` and `-T:alias function`.
(require '[clojure.string :as string]
         '[clojure.tools.deps :as deps])

(defn class-path [basis]
  (string/join ":" (map #(.getPath (.getCanonicalFile (java.io.File. ^String %)))
                        (:classpath-roots basis))))

(defn tool-basis
  "A tool runs on its own dependencies, with the project's folder as its only source."
  [alias]
  (let [own (get-in (deps/create-basis nil) [:aliases alias])]
    (deps/create-basis {:project {:deps (or (:deps own) (:replace-deps own))
                                  :paths (or (:paths own) (:replace-paths own) ["."])}})))

(let [[option function & arguments] *command-line-args*]
  (cond
    (= option "-Spath")
    (println (class-path (deps/create-basis nil)))

    (string/starts-with? option "-T:")
    (let [alias (keyword (subs option 3))
          own (get-in (deps/create-basis nil) [:aliases alias])
          namespace (or (:ns-default own) 'user)
          call (format "(require '%s) (%s/%s {%s})"
                       namespace namespace function (string/join " " arguments))
          process (.. (ProcessBuilder.
                       ["java" "-cp" (class-path (tool-basis alias)) "clojure.main" "-e" call])
                      inheritIO start)]
      (System/exit (.waitFor process)))

    :else
    (do (binding [*out* *err*]
          (println "this stand-in for clojure knows -Spath and -T:alias function"))
        (System/exit 1)))
  (shutdown-agents))
