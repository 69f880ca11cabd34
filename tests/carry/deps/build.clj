(ns build
  (:require [clojure.tools.build.api :as b]))

(def lib 'org.example/loader)
(def basis (delay (b/create-basis {:project "deps.edn"})))

(defn uber [_]
  (b/uber {:class-dir "target/classes" :uber-file "target/loader.jar" :basis @basis}))
