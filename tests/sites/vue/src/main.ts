import { createApp, defineAsyncComponent } from "vue";
import "./main.css";

createApp(defineAsyncComponent(() => import("./Later.vue"))).mount("#root");
